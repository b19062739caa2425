//! Schema ids: those of a registry in the cluster, ours in this process.
//!
//! Records are translated where they leave and enter. Nothing is registered at run time: what is written must be
//! registered before, and what others registered is looked up once and kept.

mod publish;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use cns_schemas::{Foreign, SCHEMAS};
use schema_registry_converter::{
    blocking::schema_registry::{SrSettings, get_schema_by_id},
    error::SRCError,
    schema_registry_common::RawError,
};

use crate::Error;
pub use publish::{Compatibility, check_schemas, register_schemas};

/// Where a registry is, and how to get in.
#[derive(Clone)]
pub struct RegistryOptions {
    /// Its URL, with or without a path.
    pub url: String,
    /// `user:password`, when it asks for one.
    pub user_info: Option<String>,
}

/// The ids of one registry.
pub struct Registry {
    settings: SrSettings,
    /// Ours → theirs.
    theirs: HashMap<u32, u32>,
    /// Theirs → what to do with it.
    known: Mutex<HashMap<u32, Known>>,
    /// Theirs → until when nobody asks again, and what was said.
    waiting: Mutex<HashMap<u32, (Instant, Incoming)>>,
}

#[derive(Clone)]
enum Known {
    /// Another id, or a version that is read as ours.
    Readable(Arc<Foreign>),
    /// No record of ours.
    Strange(String),
}

/// What becomes of a value that was read.
#[derive(Clone)]
pub enum Incoming {
    /// The value under our ids; also one that is not framed, which the codec refuses with a reason.
    Value(Vec<u8>),
    /// Cannot be read, now or later.
    Unreadable(String),
    /// The registry does not know the id, or not yet.
    Unknown(String),
    /// The registry cannot be asked.
    Away(String),
}

const ANSWER_WITHIN: Duration = Duration::from_secs(3);
/// A question that was not answered is asked again after so many times as long as it took, so that partitions that
/// need no answer are not kept waiting, and not sooner than this.
const ASK_AGAIN_FACTOR: u32 = 5;
const ASK_AGAIN_AFTER: Duration = Duration::from_millis(500);
const FRAME: usize = 5;
/// The code of "schema not found" in the registry's protocol.
const SCHEMA_NOT_FOUND: u32 = 40403;

impl Registry {
    /// Looks up the ids of all our schemas.
    ///
    /// # Errors
    /// [`Error::Away`]; [`Error::Io`] when one is not registered.
    pub fn open(options: &RegistryOptions, namespace: &str) -> Result<Registry, Error> {
        let settings = settings(options)?;
        let (mut theirs, mut known) = (HashMap::new(), HashMap::new());
        let mut missing = Vec::new();
        for entry in SCHEMAS {
            let subject = entry.subject(namespace);
            match publish::lookup(options, &subject, entry.json)? {
                Some(id) => {
                    theirs.insert(entry.id, id);
                    let ours = Foreign::parse(entry.json).expect("a published schema parses");
                    known.insert(id, Known::Readable(Arc::new(ours)));
                }
                None => missing.push(format!("{subject} version {}", entry.version)),
            }
        }
        if missing.is_empty() {
            let (known, waiting) = (Mutex::new(known), Mutex::default());
            return Ok(Registry { settings, theirs, known, waiting });
        }
        Err(Error::Io {
            what: format!("looking up schemas at {}", options.url),
            detail: format!(
                "not registered: {}; `cns schemas register` does it",
                missing.join(", ")
            ),
        })
    }

    /// The value under the registry's ids.
    pub fn outgoing(&self, value: &[u8]) -> Option<Vec<u8>> {
        let theirs = self.theirs.get(&id_of(value)?)?;
        Some([&[0], theirs.to_be_bytes().as_slice(), &value[FRAME..]].concat())
    }

    /// The value under our ids.
    pub fn incoming(&self, value: &[u8]) -> Incoming {
        let Some(id) = id_of(value) else { return Incoming::Value(value.to_vec()) };
        let known = self.known.lock().expect("no holder of the lock panics").get(&id).cloned();
        let known = match known {
            Some(known) => known,
            None => match self.ask(id) {
                Ok(known) => known,
                Err(wait) => return wait,
            },
        };
        match known {
            Known::Strange(why) => Incoming::Unreadable(why),
            Known::Readable(foreign) => match foreign.framed(&value[FRAME..]) {
                Ok(value) => Incoming::Value(value),
                Err(error) => Incoming::Unreadable(error.to_string()),
            },
        }
    }

    /// Asks, unless that was done a moment ago without an answer.
    fn ask(&self, id: u32) -> Result<Known, Incoming> {
        let waiting = || self.waiting.lock().expect("no holder of the lock panics");
        if let Some((until, said)) = waiting().get(&id)
            && Instant::now() < *until
        {
            return Err(said.clone());
        }
        let begun = Instant::now();
        let answer = self.ask_now(id);
        match &answer {
            Ok(_) => drop(waiting().remove(&id)),
            Err(said) => {
                let pause = ASK_AGAIN_AFTER.max(begun.elapsed() * ASK_AGAIN_FACTOR);
                waiting().insert(id, (Instant::now() + pause, said.clone()));
            }
        }
        answer
    }

    fn ask_now(&self, id: u32) -> Result<Known, Incoming> {
        let schema = match get_schema_by_id(id, &self.settings) {
            Ok(registered) => registered.schema,
            Err(error) if not_found(&error) => {
                return Err(Incoming::Unknown(format!("the registry knows no schema {id}")));
            }
            Err(error) => return Err(Incoming::Away(error.to_string())),
        };
        let known = match Foreign::parse(&schema) {
            Ok(foreign) => Known::Readable(Arc::new(foreign)),
            Err(why) => Known::Strange(format!("schema {id} of the registry: {why}")),
        };
        self.known.lock().expect("no holder of the lock panics").insert(id, known.clone());
        Ok(known)
    }
}

/// The credentials for the registry among the properties of the clients, taken out of them.
pub fn take_user_info(properties: &mut BTreeMap<String, String>) -> Option<String> {
    properties.remove("schema.registry.basic.auth.user.info")
}

fn settings(options: &RegistryOptions) -> Result<SrSettings, Error> {
    let url = options.url.trim_end_matches('/').to_owned();
    let mut builder = SrSettings::new_builder(url);
    builder.set_timeout(ANSWER_WITHIN);
    if let Some((user, password)) =
        options.user_info.as_deref().and_then(|info| info.split_once(':'))
    {
        builder.set_basic_authorization(user, Some(password));
    }
    builder.build().map_err(|error| Error::Io {
        what: format!("making a client for {}", options.url),
        detail: error.to_string(),
    })
}

fn not_found(error: &SRCError) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.downcast_ref::<RawError>().is_some_and(|raw| raw.error_code == SCHEMA_NOT_FOUND) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// The id in a frame.
fn id_of(value: &[u8]) -> Option<u32> {
    match value {
        [0, a, b, c, d, ..] => Some(u32::from_be_bytes([*a, *b, *c, *d])),
        _ => None,
    }
}
