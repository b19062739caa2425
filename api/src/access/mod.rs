//! Who may ask, for what, and how fast.
//!
//! Invariants: whose request it is follows from its key alone; a key is known by its hash, and its text is kept
//! nowhere; what cannot be read of the keys file takes no key away and gives none.

mod entry;
mod key;
mod keys;
mod pace;
mod scope;

use std::net::IpAddr;

pub use entry::{KeyEntry, KeyFile, tenant_fault};
pub use key::{ApiKey, KEY_BYTES};
pub use keys::{Holder, KeyCounts, Keys, KeysError};
pub use pace::Rate;
pub use scope::Scope;

use pace::Pace;

/// Who may ask, and how fast.
pub struct Access {
    keys: Option<Keys>,
    strangers: Option<Pace>,
}

impl Access {
    /// Whoever reaches the port may do everything, as the tenant `default`: for loopback addresses alone.
    pub fn local() -> Access {
        Access { keys: None, strangers: None }
    }

    /// Who has a key. Callers without a valid one share a pace by address.
    pub fn keyed(keys: Keys) -> Access {
        let strangers = Some(Pace::new(keys.rate()));
        Access { keys: Some(keys), strangers }
    }

    /// The keys, where there are any.
    pub fn keys(&self) -> Option<&Keys> {
        self.keys.as_ref()
    }

    /// One request of an address that has shown no valid key.
    ///
    /// # Errors
    /// In how many seconds the next one is let in.
    pub(crate) fn stranger(&self, address: IpAddr) -> Result<(), u32> {
        self.strangers.as_ref().map_or(Ok(()), |pace| pace.take(address))
    }
}
