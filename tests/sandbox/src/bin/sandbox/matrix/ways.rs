//! The ways into a server: who asks, at which address, with what to show, and trusting whom.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tanets_function::environment::Environment;
use tanets_sandbox::progress::Progress;
use tanets_sandbox::{ADMIN, Gate, PeerError, READER, Release, SearchServer, Signer};

/// Who asks. Beside the administrator, who is everybody where there are no users: secured servers know users and keys,
/// and the others stand behind a gate too that wants signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Who may do everything.
    Admin,
    /// Who may read `app-*`.
    Reader,
    /// Somebody with a wrong password.
    Stranger,
    /// Somebody without a password.
    Nobody,
    /// Who may do everything, and doesn't trust the server's private authority.
    Distrustful,
    /// An API key that may read `app-*`, as `id:key`.
    Key,
    /// The same as Kibana shows it.
    EncodedKey,
    /// An API key that nobody made.
    UnknownKey,
    /// Who signs for a domain.
    Signer(Signer),
    /// Who signs with a wrong secret.
    Forger,
    /// Who comes to the gate without a signature.
    Unsigned,
    /// Who signs for a Serverless collection.
    Collection,
}

/// What a way is in the function's settings and environment.
#[derive(Default)]
pub struct Way {
    /// `ES_ENDPOINT`
    pub endpoint: String,
    /// `ES_AUTH`
    pub auth: Option<&'static str>,
    /// `ES_CREDENTIALS`
    pub credentials: Option<String>,
    /// `ES_CA`
    pub authority: Option<String>,
    /// Who signs, and where.
    pub environment: Environment,
    /// The service that is signed for, where it's not the one that the endpoint tells.
    pub service: Option<&'static str>,
}

/// All ways into a server.
pub enum Ways<'a> {
    /// Over TLS, with users and API keys.
    Secured { server: &'a SearchServer, key: String },
    /// Open, and through gates: of a domain, and of a collection.
    Gated { server: &'a SearchServer, domain: Gate, collection: Gate },
}

impl<'a> Ways<'a> {
    /// Makes an API key, or starts gates.
    ///
    /// # Errors
    /// If the server or this machine refuses.
    pub fn prepare(server: &'a SearchServer, progress: &Progress<'_>) -> Result<Self, PeerError> {
        if server.release().secured {
            return Ok(Self::Secured { server, key: server.api_key(&["app-*"])? });
        }
        let gate = |service| Gate::start(server.url(), service, progress);
        Ok(Self::Gated { server, domain: gate("es")?, collection: gate("aoss")? })
    }

    /// How somebody comes in.
    pub fn of(&self, who: Who) -> Way {
        match self {
            Self::Secured { server, key } => secured(server, key, who),
            Self::Gated { server, domain, collection } => {
                let signed = |signer: Signer, secret| Way {
                    endpoint: domain.url().to_owned(),
                    auth: Some("sigv4"),
                    environment: environment(signer, secret),
                    ..Way::default()
                };
                match who {
                    Who::Signer(signer) => signed(signer, Gate::SECRET),
                    Who::Forger => signed(Signer::Permitted, "guessed"),
                    Who::Unsigned => Way { endpoint: domain.url().to_owned(), ..Way::default() },
                    // The host name that makes the function sign for a collection leads nowhere from here.
                    Who::Collection => Way {
                        endpoint: collection.url().to_owned(),
                        service: Some("aoss"),
                        ..signed(Signer::Permitted, Gate::SECRET)
                    },
                    _ => Way { endpoint: server.url().to_owned(), ..Way::default() },
                }
            }
        }
    }
}

fn secured(server: &SearchServer, key: &str, who: Who) -> Way {
    let (auth, credentials) = match who {
        Who::Reader => (None, Some(READER.credentials())),
        Who::Stranger => (None, Some(format!("{}:wrong", ADMIN.name))),
        Who::Nobody => (None, None),
        Who::Key => (Some("api-key"), Some(key.to_owned())),
        Who::EncodedKey => (Some("api-key"), Some(BASE64_STANDARD.encode(key))),
        Who::UnknownKey => (Some("api-key"), Some("nobody:made-this".to_owned())),
        _ => (None, Some(ADMIN.credentials())),
    };
    let authority = server.authority().filter(|_| who != Who::Distrustful).map(str::to_owned);
    Way { endpoint: server.url().to_owned(), auth, credentials, authority, ..Way::default() }
}

fn environment(signer: Signer, secret: &str) -> Environment {
    Environment::from_env(|name| {
        let value = match name {
            "AWS_REGION" => Gate::REGION,
            "AWS_ACCESS_KEY_ID" => signer.access_key(),
            "AWS_SECRET_ACCESS_KEY" => secret,
            "AWS_SESSION_TOKEN" => Gate::TOKEN,
            _ => return None,
        };
        Some(value.to_owned())
    })
}

/// The ways into a release, for the table.
pub fn ways_into(release: &Release) -> &'static str {
    match release.secured {
        true => "basic, API key, private CA",
        false => "none, SigV4 `es`, `aoss`",
    }
}
