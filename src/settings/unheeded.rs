//! Settings that a route would not heed are refused: who wrote them counts on them.

use toml::Spanned;

use super::tls::Wrong;
use super::{Listen, Protocol, Target};
use crate::frame::{Framing, Output};
use crate::scan::Tables;

/// What a route says of lines, as it is typed.
pub(super) struct Typed<'r> {
    pub(super) framing: Option<&'r Spanned<Framing>>,
    pub(super) output_framing: Option<&'r Spanned<Output>>,
    pub(super) csv: Option<&'r Spanned<Tables>>,
    /// Where `multiline` stands.
    pub(super) multiline: Option<usize>,
    /// Where a `format` stands that joins lines.
    pub(super) format: Option<usize>,
}

/// Refuses what has no effect between these ends.
pub(super) fn check(
    typed: &Typed<'_>,
    listen: &[Listen],
    protocol: Protocol,
    sink: &Target,
) -> Result<(), Wrong> {
    let name = protocol.name();
    let wrong = |at: usize, message: String| Err((at, message));
    if protocol != Protocol::Lines {
        let framing = typed.framing.map(|framing| framing.span().start);
        let output = typed.output_framing.map(|output| output.span().start);
        if let Some(at) = framing.or(output) {
            let message =
                format!("{name} has its own framing; take out framing and output_framing");
            return wrong(at, message);
        }
        if let Some(csv) = typed.csv {
            let message =
                format!("csv is for the protocol lines, and this route speaks {name}; take it out");
            return wrong(csv.span().start, message);
        }
        // `multiline` is refused where it is read.
        return Ok(());
    }
    let datagrams = listen.iter().find(|one| one.is_datagram());
    let stream = listen.iter().any(|one| !one.is_datagram());
    if let Some(framing) = typed
        .framing
        .filter(|framing| *framing.get_ref() != Framing::Auto)
    {
        let at = framing.span().start;
        if !stream {
            let message = "a datagram is one record; framing is for streams and files, take it out";
            return wrong(at, message.to_owned());
        }
        let counted = *framing.get_ref() == Framing::OctetCounting;
        if let Some(file) = listen.iter().find(|one| matches!(one, Listen::File(_)))
            && counted
        {
            let message =
                format!("octet counting is for streams, and {file} is a file: newline or nul");
            return wrong(at, message);
        }
        if typed.format.is_some() && *framing.get_ref() == Framing::Nul {
            let message = "the lines of a container end with a line feed; take out framing, or format of [route.file]";
            return wrong(at, message.to_owned());
        }
        if typed.multiline.is_some() && *framing.get_ref() != Framing::Newline {
            let message =
                "multiline joins lines that end with a line feed: framing newline or auto";
            return wrong(at, message.to_owned());
        }
    }
    if let Some(output) = typed.output_framing
        && *output.get_ref() != Output::AsCame
        && sink.is_datagram()
    {
        let message = "each record leaves as a datagram of its own; take out output_framing";
        return wrong(output.span().start, message.to_owned());
    }
    if let (Some(at), Some(one)) = (typed.multiline, datagrams) {
        let message = format!(
            "multiline joins the lines of streams and files, and {one} brings datagrams; give it a route of its own"
        );
        return wrong(at, message);
    }
    let Some(csv) = typed.csv.filter(|csv| *csv.get_ref() != Tables::Never) else {
        return Ok(());
    };
    let at = csv.span().start;
    if typed.multiline.or(typed.format).is_some() {
        let message = "a table has a row in each line, and multiline and format join lines; take one of them out";
        return wrong(at, message.to_owned());
    }
    match datagrams {
        Some(one) if !stream || *csv.get_ref() == Tables::Always => wrong(
            at,
            format!(
                "a table is a stream or a file, and {one} brings datagrams; give it a route of its own"
            ),
        ),
        _ => Ok(()),
    }
}
