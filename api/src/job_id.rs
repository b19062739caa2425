//! Job ids: random, and with a short code that every process of the installation can check.
//!
//! Invariant: an id that carries the right code for a tenant was handed out to that tenant, so it is never
//! answered with "not found", also before the views know it.

use hmac::{Hmac, Mac};
use sha2::Sha256;

const PREFIX: &str = "job_";
const RANDOM_BYTES: usize = 10;
const CODE_BYTES: usize = 4;

/// Makes and checks job ids.
#[derive(Clone)]
pub struct JobIds {
    key: [u8; 32],
}

impl JobIds {
    /// With the key that all processes share.
    pub fn new(key: [u8; 32]) -> JobIds {
        JobIds { key }
    }

    /// A new id for a tenant: `job_` and 28 hexadecimal digits.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub fn make(&self, tenant: &str) -> Result<String, getrandom::Error> {
        let mut random = [0; RANDOM_BYTES];
        getrandom::fill(&mut random)?;
        Ok(self.coded(tenant, &random))
    }

    /// The id of a tenant's job that something else names: the same name gives the same id, in every process.
    pub fn derive(&self, tenant: &str, kind: &str, name: &str) -> String {
        let mut derived = self.keyed(tenant);
        for part in [kind, name] {
            derived.update(&(part.len() as u64).to_be_bytes());
            derived.update(part.as_bytes());
        }
        let derived = derived.finalize().into_bytes();
        self.coded(tenant, &derived[..RANDOM_BYTES])
    }

    /// Whether the id was handed out to the tenant.
    pub fn check(&self, tenant: &str, id: &str) -> bool {
        let Some(bytes) = id.strip_prefix(PREFIX).and_then(unhex) else { return false };
        if bytes.len() != RANDOM_BYTES + CODE_BYTES {
            return false;
        }
        let (random, code) = bytes.split_at(RANDOM_BYTES);
        self.code(tenant, random).verify_truncated_left(code).is_ok()
    }

    fn coded(&self, tenant: &str, bytes: &[u8]) -> String {
        let code = self.code(tenant, bytes).finalize().into_bytes();
        format!("{PREFIX}{}{}", hex(bytes), hex(&code[..CODE_BYTES]))
    }

    fn code(&self, tenant: &str, bytes: &[u8]) -> Hmac<Sha256> {
        let mut code = self.keyed(tenant);
        code.update(bytes);
        code
    }

    fn keyed(&self, tenant: &str) -> Hmac<Sha256> {
        let mut keyed =
            Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        keyed.update(&(tenant.len() as u64).to_be_bytes());
        keyed.update(tenant.as_bytes());
        keyed
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if !text.len().is_multiple_of(2) || !text.bytes().all(lower) {
        return None;
    }
    let pairs = text.as_bytes().chunks_exact(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_valid_for_its_tenant_and_key_alone() {
        let ids = JobIds::new([7; 32]);
        let id = ids.make("acme").expect("the system has random numbers");
        assert_eq!(id.len(), 32);
        assert!(ids.check("acme", &id));
        assert!(!ids.check("other", &id));
        assert!(!JobIds::new([8; 32]).check("acme", &id));
        let flipped = if id.ends_with('0') { "1" } else { "0" };
        assert!(!ids.check("acme", &format!("{}{flipped}", &id[..31])));
        let derived = ids.derive("acme", "key", "a1");
        assert!(ids.check("acme", &derived) && !ids.check("other", &derived));
        assert_eq!(derived, ids.derive("acme", "key", "a1"));
        for (tenant, kind, name) in
            [("other", "key", "a1"), ("acme", "ke", "ya1"), ("acme", "key", "a2")]
        {
            assert_ne!(derived, ids.derive(tenant, kind, name));
        }
        for bad in ["", "job_", "job_zz", "job-0011", &id.to_uppercase(), &id[..30]] {
            assert!(!ids.check("acme", bad), "{bad}");
        }
    }
}
