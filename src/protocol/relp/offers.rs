//! Offers: what the two sides of a session can (the RELP specification, "open").

/// What a side can.
pub(super) struct Offers {
    pub(super) version: Option<u32>,
    pub(super) syslog: bool,
}

impl Offers {
    /// Lines of `name=value`; the first may be the text behind an answer's code.
    pub(super) fn read(data: &[u8]) -> Option<Self> {
        let mut offers = Self {
            version: None,
            syslog: false,
        };
        for line in data.split(|b| *b == b'\n') {
            let line = std::str::from_utf8(line).ok()?;
            match line.split_once('=') {
                Some(("relp_version", version)) => {
                    offers.version = Some(version.trim().parse().ok()?);
                }
                Some(("commands", commands)) => {
                    offers.syslog = commands.split(',').any(|c| c.trim() == "syslog");
                }
                _ => {}
            }
        }
        Some(offers)
    }
}

/// What scrubd can, in this version.
pub(super) fn offer(version: u32) -> String {
    let program = concat!("scrubd,", env!("CARGO_PKG_VERSION"));
    format!("relp_version={version}\nrelp_software={program}\ncommands=syslog")
}
