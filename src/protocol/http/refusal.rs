//! What a client is told when its request does not go the way: a status, a reason, never an excerpt.

use hyper::StatusCode;

use crate::protocol::json::Bad;
use crate::record::Reason;

/// Why a request is not passed on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Refusal {
    /// The status in HTTP.
    pub(super) status: StatusCode,
    /// Whose fault, and what is wrong.
    pub(super) text: &'static str,
    /// What is counted, where payload was thrown away for what it is.
    pub(super) reason: Option<Reason>,
}

impl Refusal {
    const fn new(status: StatusCode, text: &'static str, reason: Option<Reason>) -> Self {
        Self {
            status,
            text,
            reason,
        }
    }

    /// The body is not what it says it is.
    pub(super) const fn undecodable(text: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text, Some(Reason::Undecodable))
    }

    /// Nobody here can look into it.
    pub(super) const fn unsupported(text: &'static str) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            text,
            Some(Reason::Undecodable),
        )
    }

    /// Longer than `body_bytes_max`.
    pub(super) const fn too_long() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is longer than body_bytes_max",
            Some(Reason::RecordTooLong),
        )
    }

    /// More keys and values than are laid out at a time.
    pub(super) const fn too_many() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body has more than a million keys and values; send it in parts",
            Some(Reason::RecordTooLong),
        )
    }

    /// A decompression bomb.
    pub(super) const fn expands() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body expands too far",
            Some(Reason::Expands),
        )
    }

    /// What must be passed on or dropped as a whole is to be dropped.
    pub(super) const fn tomb(reason: Reason) -> Self {
        let status = match reason {
            Reason::ScanFailed => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::FORBIDDEN,
        };
        Self::new(
            status,
            "the policy does not let the request pass",
            Some(reason),
        )
    }

    /// The method is for proxies that are named as such.
    pub(super) const fn method() -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, "tunnels are not made", None)
    }

    /// A service of gRPC that nobody here can look into.
    pub(super) const fn unimplemented() -> Self {
        Self::new(
            StatusCode::NOT_IMPLEMENTED,
            "only OTLP's LogsService/Export is passed on",
            Some(Reason::Undecodable),
        )
    }

    /// The client broke off.
    pub(super) const fn broken_off() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "the body did not end", None)
    }

    /// `bodies_bytes_max` is in use.
    pub(super) const fn busy() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "as many bodies as bodies_bytes_max allows are on their way; try again",
            None,
        )
    }

    /// No connection to the sink.
    pub(super) const fn unreachable() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the sink cannot be reached; nothing was accepted; try again",
            None,
        )
    }

    /// The sink's connection ended before its answer.
    pub(super) const fn no_answer() -> Self {
        Self::new(
            StatusCode::BAD_GATEWAY,
            "the sink broke off before its answer; try again",
            None,
        )
    }

    /// The sink let time pass.
    pub(super) const fn silent() -> Self {
        Self::new(
            StatusCode::GATEWAY_TIMEOUT,
            "the sink did not answer within answer_timeout_secs; it may have what was sent",
            None,
        )
    }

    /// The code in gRPC and in OTLP's own status (`google.rpc.Code`).
    pub(super) fn grpc_code(&self) -> u8 {
        match self.status.as_u16() {
            400 => 3,
            403 => 7,
            413 => 8,
            415 | 501 => 12,
            502 | 503 => 14,
            504 => 4,
            _ => 13,
        }
    }

    /// Whether the client may send the same again.
    pub(super) fn again(&self) -> bool {
        self.reason.is_none() && matches!(self.status.as_u16(), 502..=504)
    }
}

impl From<Bad> for Refusal {
    fn from(bad: Bad) -> Self {
        match bad {
            Bad::Broken => Self::undecodable("the body is no JSON"),
            Bad::TooLong => Self::too_long(),
            Bad::TooMany => Self::too_many(),
        }
    }
}
