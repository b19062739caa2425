//! `cns keys`: makes, lists and revokes the keys of callers over HTTP.
//!
//! Invariant: the text of a key is printed once, when it is made, and is written nowhere.

mod file;
pub mod told;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use cns_api::access::{ApiKey, KeyEntry, tenant_fault};
use serde_json::json;

use crate::{
    args::{KeysAction, KeysArgs},
    failure::{Code, Failure},
    serve::now_ms,
    settings,
    show::table::table,
    terminal,
};

/// Runs the command.
pub fn run(args: KeysArgs) -> Result<(), Failure> {
    let path = path(args.file, args.server)?;
    match args.action {
        KeysAction::Create { tenant, scope, name, expires, requests_per_second, burst } => {
            if let Some(fault) = tenant_fault(&tenant) {
                return Err(Failure::new(Code::Usage, format!("no key was made: {fault}")));
            }
            let key = ApiKey::generate().map_err(|error| {
                Failure::new(Code::Unexpected, format!("the system has no random numbers: {error}"))
            })?;
            let now = now_ms();
            let entry = KeyEntry {
                id: key.id().to_owned(),
                name,
                tenant,
                scopes: scope.into_iter().collect(),
                sha256: key.hash(),
                created_at_ms: now,
                expires_at_ms: expires.map(|time| now.saturating_add(millis(time))),
                revoked_at_ms: None,
                requests_per_second,
                burst,
            };
            file::change(&path, |keys| {
                keys.push(entry);
                Ok(())
            })?;
            terminal::print(key.reveal());
            terminal::tell(
                "This is the only time that the key is shown. Servers take it within a second.",
            );
            terminal::tell(
                "Its holder sets CNS_API_KEY to it, or keeps it in a file for --key-file.",
            );
        }
        KeysAction::List { json } => list(&path, json)?,
        KeysAction::Revoke { id } => revoke(&path, &id)?,
    }
    Ok(())
}

/// The file that is named, or set.
fn path(named: Option<PathBuf>, server: crate::args::ServerArgs) -> Result<PathBuf, Failure> {
    if let Some(path) = named {
        return Ok(path);
    }
    let keys = settings::load(server.sources())?.settings.access.keys;
    if keys.is_empty() {
        let message = "it is not known where the keys are: access.keys is not set";
        return Err(Failure::new(Code::Config, message)
            .hint("set access.keys (CNS_ACCESS_KEYS) for servers and for this command, or name the file with --file"));
    }
    Ok(keys.into())
}

fn revoke(path: &Path, id: &str) -> Result<(), Failure> {
    let now = now_ms();
    file::change(path, |keys| {
        let Some(entry) = keys.iter_mut().find(|entry| entry.id == id) else {
            // What was typed may be a whole key, which is not repeated.
            let message = format!("there is no key of this id in {}", path.display());
            return Err(Failure::new(Code::NotFound, message).hint("`cns keys list` shows the ids"));
        };
        entry.revoked_at_ms.get_or_insert(now);
        Ok(())
    })?;
    terminal::print(&format!("Revoked {id}. Servers refuse it within a second."));
    Ok(())
}

fn list(path: &Path, as_json: bool) -> Result<(), Failure> {
    let (keys, now) = (file::read(path)?, now_ms());
    if as_json {
        let keys: Vec<_> = keys.iter().map(|entry| told(entry, now)).collect();
        terminal::print(&json!({ "keys": keys }).to_string());
        return Ok(());
    }
    if keys.is_empty() {
        terminal::print("There are no keys.");
        return Ok(());
    }
    let rows = keys.iter().map(|entry| {
        let scopes: Vec<&str> = entry.scopes.iter().map(|scope| scope.name()).collect();
        vec![
            entry.id.clone(),
            terminal::harmless(&entry.tenant),
            scopes.join(","),
            state(entry, now),
            format!("{} ago", rough(now - entry.created_at_ms)),
            terminal::harmless(&entry.name),
        ]
    });
    let header = ["key", "tenant", "scopes", "state", "made", "name"];
    terminal::print(&table(&header, rows, terminal::width()));
    Ok(())
}

/// All but the hash.
fn told(entry: &KeyEntry, now: i64) -> serde_json::Value {
    let KeyEntry { id, name, tenant, scopes, created_at_ms, .. } = entry;
    json!({
        "id": id, "name": name, "tenant": tenant, "scopes": scopes, "valid": entry.is_valid(now),
        "created_at_ms": created_at_ms, "expires_at_ms": entry.expires_at_ms,
        "revoked_at_ms": entry.revoked_at_ms, "requests_per_second": entry.requests_per_second,
        "burst": entry.burst,
    })
}

fn state(entry: &KeyEntry, now: i64) -> String {
    match (entry.revoked_at_ms, entry.expires_at_ms) {
        (Some(at), _) => format!("revoked {} ago", rough(now - at)),
        (None, Some(end)) if end <= now => format!("expired {} ago", rough(now - end)),
        (None, Some(end)) => format!("valid, expires in {}", rough(end - now)),
        (None, None) => "valid".into(),
    }
}

fn rough(ms: i64) -> String {
    let minutes = ms.max(0) / 60_000;
    match minutes {
        2880.. => format!("{} days", minutes / 1440),
        120.. => format!("{} hours", minutes / 60),
        1 => "1 minute".into(),
        _ => format!("{minutes} minutes"),
    }
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_roughly() {
        assert_eq!(rough(60_000), "1 minute");
        assert_eq!(rough(3 * 3_600_000), "3 hours");
        assert_eq!(rough(90 * 24 * 3_600_000), "90 days");
        assert_eq!(rough(-5), "0 minutes");
    }
}
