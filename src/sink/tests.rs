use std::io::Read as _;
use std::net::TcpListener;

use super::*;
use crate::policy::Policy;
use crate::telemetry::Telemetry;

fn batch(text: &str) -> Scrubbed {
    let mut batch = Scrubbed::new();
    batch.encoded(text.as_bytes());
    batch
}

#[test]
fn what_is_written_behind_the_sinks_end_is_sent_again() {
    // One thread, which turns nothing while this test does something else.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let target = Target::Tcp(listener.local_addr().unwrap().to_string());
    let way = Connector::new(target, None, &[], Duration::from_secs(60)).unwrap();
    let policy = Policy::preset("default").unwrap();
    let metrics = Arc::new(Telemetry::new().unwrap().route("r", &policy));
    runtime.block_on(async {
        let mut line = Sink::open(way, metrics).await.unwrap().line();
        line.send(&batch("one\n")).await;
        let mut text = [0; 4];
        let mut sink = listener.accept().unwrap().0;
        sink.read_exact(&mut text).unwrap();
        assert_eq!(&text, b"one\n");
        drop(sink);
        line.send(&batch("two\n")).await;
        // It is there by now, or never.
        listener.set_nonblocking(true).unwrap();
        let mut sink = listener.accept().unwrap().0;
        sink.set_nonblocking(false).unwrap();
        sink.read_exact(&mut text).unwrap();
        assert_eq!(&text, b"two\n");
    });
}
