//! The least a proxy can do: tokio, one thread, 64 KiB each way.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const BUFFER_BYTES: usize = 64 << 10;

/// Serves until it is killed.
pub fn serve(listen: u16, sink: u16) -> std::io::Result<()> {
    tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?
        .block_on(async {
            let listener = TcpListener::bind(("127.0.0.1", listen)).await?;
            loop {
                let (mut client, _) = listener.accept().await?;
                // The runtime ends with the process.
                drop(tokio::spawn(async move {
                    let mut sink = TcpStream::connect(("127.0.0.1", sink)).await?;
                    client.set_nodelay(true)?;
                    sink.set_nodelay(true)?;
                    let mut buffer = vec![0; BUFFER_BYTES];
                    loop {
                        match client.read(&mut buffer).await? {
                            0 => return sink.shutdown().await,
                            read => sink.write_all(&buffer[..read]).await?,
                        }
                    }
                }));
            }
        })
}
