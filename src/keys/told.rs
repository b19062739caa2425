//! What is told of the keys of a server: how many, and which soon expire. Never a hash.

use std::path::Path;

use cns_api::{
    access::{Keys, Rate},
    limits::KEY_EXPIRES_SOON,
};

use crate::{
    failure::{Code, Failure},
    serve::now_ms,
    settings::Settings,
};

/// The keys that the settings name; `None` where there are none to be.
///
/// # Errors
/// The file cannot be read, or is no keys file.
pub fn keys(settings: &Settings) -> Result<Option<Keys>, Failure> {
    if settings.access.keys.is_empty() {
        return Ok(None);
    }
    let limits = &settings.limits;
    let rate = Rate { requests_per_second: limits.requests_per_second, burst: limits.burst };
    let path = Path::new(&settings.access.keys);
    let keys = Keys::open(path, rate).map_err(|error| {
        let failure = Failure::new(Code::Config, error.to_string());
        match path.exists() {
            true => failure,
            false => failure
                .hint("`cns keys create` makes the file and a key in it; access.keys names it"),
        }
    })?;
    Ok(Some(keys))
}

/// The same in a sentence.
///
/// # Errors
/// As for [`keys`].
pub fn told(settings: &Settings) -> Result<String, Failure> {
    let Some(keys) = keys(settings)? else {
        return Ok(
            "none: whoever reaches the port may do everything, as the tenant `default`".into()
        );
    };
    let now = now_ms();
    let counts = keys.counts(now);
    let days = KEY_EXPIRES_SOON.as_secs() / (24 * 3600);
    let mut told = format!("{} valid of {}", counts.valid, counts.all);
    let expiring = keys.expiring(now, KEY_EXPIRES_SOON);
    if !expiring.is_empty() {
        told.push_str(&format!(", expiring within {days} days: {}", expiring.join(", ")));
    }
    Ok(told)
}
