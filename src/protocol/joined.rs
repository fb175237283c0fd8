//! A stream of lines of which some are one record (stack traces): joined before they are scanned.

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::time::{Instant, sleep_until};

use super::Shared;
use super::lines::Flow;
use crate::frame::{Batch, Framer, Joiner};
use crate::settings::Lines;

/// Bytes read at a time.
const READ_BYTES: usize = 64 << 10;

/// Serves one stream to its end. A record whose next line does not come in time goes out as it is.
pub async fn stream(mut connection: impl AsyncRead + Unpin, shared: &Shared, lines: &Lines) {
    let mut flow = Flow::new(shared);
    let mut framer = Framer::new(shared.framing, shared.record_bytes_max);
    let mut joiner = Joiner::new(lines.join.clone(), shared.record_bytes_max);
    let (mut buffer, mut pieces, mut batch) = (Vec::new(), Vec::new(), Batch::default());
    let mut deadline: Option<Instant> = None;
    loop {
        buffer.reserve(READ_BYTES);
        let late = async {
            match deadline {
                Some(deadline) => sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        batch.clear();
        tokio::select! {
            () = shared.stop.cancelled() => {
                framer.abandon(&buffer, &mut pieces);
                joiner.push(&buffer, 0, &pieces, &mut batch);
                joiner.flush(&mut batch);
                flow.pass(&batch.bytes, &batch.pieces).await;
                return flow.end().await;
            }
            read = async { (&mut connection).take(READ_BYTES as u64).read_buf(&mut buffer).await } => {
                let read = read.unwrap_or(0);
                shared.metrics.received.inc_by(read as u64);
                let used = framer.cut(&buffer, read == 0, &mut pieces);
                joiner.push(&buffer, 0, &pieces, &mut batch);
                if !pieces.is_empty() {
                    // From the last line that came, not from each that is late.
                    deadline = joiner.held_from().map(|_| Instant::now() + lines.deadline);
                }
                buffer.drain(..used);
                if read == 0 {
                    joiner.flush(&mut batch);
                    flow.pass(&batch.bytes, &batch.pieces).await;
                    return flow.end().await;
                }
            }
            () = late => {
                joiner.flush(&mut batch);
                deadline = None;
            }
        }
        flow.pass(&batch.bytes, &batch.pieces).await;
    }
}
