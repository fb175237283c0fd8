//! The key that both ends of a Forward connection have.

use std::path::Path;

use toml::Spanned;
use zeroize::Zeroizing;

use super::Protocol;
use crate::error::ConfigError;

/// A file that may be named.
type Named = Option<Spanned<String>>;

/// Who may come in with the key, or who we are. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    name: String,
    password: Zeroizing<String>,
}

impl User {
    /// From its texts.
    #[must_use]
    pub fn new(name: &str, password: &str) -> Self {
        Self {
            name: name.to_owned(),
            password: Zeroizing::new(password.to_owned()),
        }
    }

    /// As it is said.
    #[must_use]
    pub const fn name(&self) -> &[u8] {
        self.name.as_bytes()
    }

    /// What goes into the digest.
    #[must_use]
    pub fn password(&self) -> &[u8] {
        self.password.as_bytes()
    }

    /// One a line: a name, blanks, a password to the end of the line.
    pub(super) fn read(
        file: Option<&Spanned<String>>,
        base: &Path,
    ) -> Result<Vec<Self>, ConfigError> {
        let Some(file) = file else {
            return Ok(Vec::new());
        };
        let path = base.join(file.get_ref());
        let text = Zeroizing::new(super::read(&path)?);
        let wrong = |line: usize, message: &str| {
            let mut error = ConfigError::new(path.display().to_string(), message);
            error.at = Some((line, 1));
            error
        };
        let mut users: Vec<Self> = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            if line.trim().is_empty() {
                continue;
            }
            let (name, password) = (line.trim().split_once([' ', '\t']))
                .ok_or_else(|| wrong(number, "is no name with a password behind it"))?;
            if users.iter().any(|user| user.name == name) {
                return Err(wrong(number, "names a user for the second time"));
            }
            users.push(Self::new(name, password.trim_start()));
        }
        if users.is_empty() {
            return Err(wrong(1, "holds no user"));
        }
        Ok(users)
    }
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("User(…)")
    }
}

/// A key of the Forward protocol's handshake, and the users that go with it. `Debug` shows neither.
#[derive(Clone)]
pub struct SharedKey {
    key: Zeroizing<String>,
    users: Vec<User>,
}

impl SharedKey {
    /// From its text.
    #[must_use]
    pub fn new(key: &str) -> Self {
        Self {
            key: Zeroizing::new(key.to_owned()),
            users: Vec::new(),
        }
    }

    /// With these users: who may come in, or, at the sink's end, who we are.
    #[must_use]
    pub fn with_users(mut self, users: Vec<User>) -> Self {
        self.users = users;
        self
    }

    /// Its users; none where the key is enough.
    #[must_use]
    pub fn users(&self) -> &[User] {
        &self.users
    }

    /// What goes into the digest.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.key.as_bytes()
    }

    /// From a file relative to `base`, blanks around it left out.
    pub(super) fn read(
        file: Option<&Spanned<String>>,
        base: &Path,
    ) -> Result<Option<Self>, ConfigError> {
        let Some(file) = file else { return Ok(None) };
        let path = base.join(file.get_ref());
        let text = Zeroizing::new(super::read(&path)?);
        let key = text.trim();
        if key.is_empty() {
            let origin = path.display().to_string();
            return Err(ConfigError::new(origin, "holds no shared key"));
        }
        Ok(Some(Self::new(key)))
    }
}

impl std::fmt::Debug for SharedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SharedKey(…)")
    }
}

/// The keys of a route's two ends; none where an end has no handshake.
#[derive(Clone, Debug, Default)]
pub struct SharedKeys {
    /// What clients must have.
    pub listen: Option<SharedKey>,
    /// What the sink has.
    pub sink: Option<SharedKey>,
}

impl SharedKeys {
    /// The keys of the settings whose files say something else.
    pub fn differences(&self, other: &Self) -> impl Iterator<Item = &'static str> + use<> {
        fn key(end: Option<&SharedKey>) -> Option<&[u8]> {
            end.map(SharedKey::bytes)
        }
        fn users(end: Option<&SharedKey>) -> &[User] {
            end.map_or(&[], SharedKey::users)
        }
        let (old, new) = (self.listen.as_ref(), other.listen.as_ref());
        let (old_sink, new_sink) = (self.sink.as_ref(), other.sink.as_ref());
        [
            ("listen_shared_key_file", key(old) != key(new)),
            ("listen_users_file", users(old) != users(new)),
            ("sink_shared_key_file", key(old_sink) != key(new_sink)),
            ("sink_user_file", users(old_sink) != users(new_sink)),
        ]
        .into_iter()
        .filter_map(|(name, differs)| differs.then_some(name))
    }

    /// Of the listener and of the sink: a file with the key, and one with the users that go with it. `at` makes an
    /// error of a place in the settings.
    pub(super) fn read(
        files: [(&Named, &Named); 2],
        protocol: Protocol,
        base: &Path,
        at: impl Fn(usize, String) -> ConfigError,
    ) -> Result<Self, ConfigError> {
        let [listen, sink] = files.map(|(key_file, user_file)| {
            match (key_file, user_file) {
                (Some(file), _) | (_, Some(file)) if protocol != Protocol::Forward => {
                    let message =
                        "shared keys and users are of the protocol forward only; take it out";
                    return Err(at(file.span().start, message.to_owned()));
                }
                (None, Some(file)) => {
                    let message = "users go with a shared key; set the key file of this end too";
                    return Err(at(file.span().start, message.to_owned()));
                }
                _ => {}
            }
            let users = User::read(user_file.as_ref(), base)?;
            let key = SharedKey::read(key_file.as_ref(), base)?;
            Ok(key.map(|key| key.with_users(users)))
        });
        Ok(Self {
            listen: listen?,
            sink: sink?,
        })
    }
}
