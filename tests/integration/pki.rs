//! Certificates of a test: an authority, and what it signs.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};

/// An authority whose certificate is `NAME.pem` in a directory; what it signs is put beside it.
pub struct Authority {
    dir: PathBuf,
    issuer: Issuer<'static, KeyPair>,
    pub ca: PathBuf,
}

impl Authority {
    pub fn new(dir: &Path, name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let ca = dir.join(format!("{name}.pem"));
        std::fs::write(&ca, params.self_signed(&key).unwrap().pem()).unwrap();
        Self {
            dir: dir.to_owned(),
            issuer: Issuer::new(params, key),
            ca,
        }
    }

    /// `NAME.pem` and `NAME.key` for `localhost` and 127.0.0.1, replaced whole where they are there.
    pub fn sign(&self, name: &str) -> (PathBuf, PathBuf) {
        self.sign_for(name, &["localhost", "127.0.0.1"], false)
    }

    pub fn sign_for(&self, name: &str, hosts: &[&str], expired: bool) -> (PathBuf, PathBuf) {
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let mut params = CertificateParams::new(hosts).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        if expired {
            params.not_before = date_time_ymd(2001, 1, 1);
            params.not_after = date_time_ymd(2002, 1, 1);
        }
        let key = KeyPair::generate().unwrap();
        let paths = (
            self.dir.join(format!("{name}.pem")),
            self.dir.join(format!("{name}.key")),
        );
        let cert = params.signed_by(&key, &self.issuer).unwrap();
        for (path, text) in [(&paths.0, cert.pem()), (&paths.1, key.serialize_pem())] {
            let new = path.with_extension("new");
            std::fs::write(&new, text).unwrap();
            std::fs::rename(&new, path).unwrap();
        }
        paths
    }
}

/// The files that the settings in `config/` name: the authority of everything there is given back.
pub fn shipped(dir: &Path) -> Authority {
    std::fs::create_dir_all(dir).unwrap();
    let authority = Authority::new(dir, "ca");
    authority.sign("server");
    authority.sign("client");
    for name in ["clients.pem", "sink-ca.pem"] {
        std::fs::copy(&authority.ca, dir.join(name)).unwrap();
    }
    authority
}
