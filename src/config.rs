//! `cns config`: what the settings are, and where each comes from.

use serde_json::{Map, Value, json};

use crate::{
    args::ConfigAction,
    cluster,
    failure::Failure,
    keys::told,
    models,
    settings::{self, KEYS, Loaded, Origin},
    show::table::table,
    terminal,
};

/// Runs the command.
pub fn run(action: ConfigAction) -> Result<(), Failure> {
    match action {
        ConfigAction::Example => terminal::print(settings::example().trim_end()),
        ConfigAction::Reference => terminal::print(settings::reference().trim_end()),
        ConfigAction::Check { server, json } => check(&settings::load(server.sources())?, json)?,
        ConfigAction::Apply { server } => cluster::installation::apply(server)?,
        ConfigAction::Show { server, json } => {
            let loaded = settings::load(server.sources())?;
            // What is set is shown also where it does not work.
            let hash = match models::choose(&loaded.settings) {
                Ok(chosen) => loaded.settings.configured(&chosen.named).hash(),
                Err(failure) => format!("unknown, because {}", failure.message),
            };
            let keys = told::told(&loaded.settings).unwrap_or_else(|failure| failure.message);
            let shown = if json {
                as_json(&loaded, &hash, &keys).to_string()
            } else {
                as_table(&loaded, &hash, &keys, terminal::width())
            };
            terminal::print(&shown);
        }
    }
    Ok(())
}

/// What a process would refuse at its start, without starting it.
fn check(loaded: &Loaded, json: bool) -> Result<(), Failure> {
    let chosen = models::choose(&loaded.settings)?;
    models::permitted(&loaded.settings, &chosen)?;
    loaded.settings.refuse_open_address()?;
    let keys = told::told(&loaded.settings)?;
    let hash = loaded.settings.configured(&chosen.named).hash();
    if json {
        let found = json!({"configuration_hash": hash, "keys": keys, "models": chosen.named});
        terminal::print(&found.to_string());
        return Ok(());
    }
    let profile = loaded.settings.profile.name();
    terminal::print(&format!(
        "Nothing is wrong.\nprofile {profile}; models {}\nkeys {keys}\nConfiguration hash {hash}",
        chosen.told()
    ));
    Ok(())
}

fn rows(loaded: &Loaded) -> impl Iterator<Item = (&'static str, String, &Origin)> {
    KEYS.iter().map(|key| {
        let origin = loaded.origins.get(key.path).unwrap_or(&Origin::Default);
        (key.path, key.field.written(&loaded.settings), origin)
    })
}

fn as_table(loaded: &Loaded, hash: &str, keys: &str, width: usize) -> String {
    let rows =
        rows(loaded).map(|(path, value, origin)| vec![path.to_owned(), value, origin.to_string()]);
    format!(
        "{}\n\nKeys of callers: {keys}\nConfiguration hash {hash} (of weights, gates and models; facts name it)",
        table(&["setting", "value", "from"], rows, width)
    )
}

fn as_json(loaded: &Loaded, hash: &str, keys: &str) -> Value {
    let settings: Map<String, Value> = rows(loaded)
        .map(|(path, value, origin)| {
            // A written value is JSON as well as TOML.
            let value = serde_json::from_str(&value).unwrap_or(Value::String(value));
            (path.to_owned(), json!({"value": value, "from": origin.to_string()}))
        })
        .collect();
    json!({"configuration_hash": hash, "keys": keys, "settings": settings})
}
