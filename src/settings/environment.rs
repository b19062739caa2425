//! Settings of `CNS_*` variables: `CNS_GATES_OPPOSITION` is `gates.opposition`.

use super::{
    Given, Origin, Raw, alias,
    key::{KEYS, nearest},
};

/// Variables that are no settings of a server: clap reads them.
const OTHERS: [&str; 3] = ["CNS_SERVER", "CNS_CONFIG", "CNS_API_KEY"];

/// The values among `variables`; those that begin with `CNS_` and mean nothing are faults.
pub fn read(
    variables: impl Iterator<Item = (String, String)>,
) -> (Vec<Given>, Vec<(Origin, String)>) {
    let (mut given, mut faults) = (Vec::new(), Vec::new());
    for (name, value) in variables {
        if !name.starts_with("CNS_") || OTHERS.contains(&name.as_str()) {
            continue;
        }
        let origin = Origin::Variable(name.clone());
        match alias::variable(&name, &value) {
            None => {}
            Some(Ok(values)) => {
                given.extend(values);
                continue;
            }
            Some(Err(fault)) => {
                faults.push((origin, fault));
                continue;
            }
        }
        match KEYS.iter().find(|key| key.variable() == name) {
            Some(key) => {
                given.push(Given { path: key.path.into(), value: Raw::Unquoted(value), origin })
            }
            None => faults.push((origin, unknown(&name))),
        }
    }
    (given, faults)
}

fn unknown(name: &str) -> String {
    let others = OTHERS.into_iter().chain(alias::VARIABLES).map(String::from);
    let known = KEYS.iter().map(|key| key.variable()).chain(others);
    match nearest(name, known) {
        Some(near) => format!("there is no such setting; did you mean {near}?"),
        None => "there is no such setting; `cns config example` names them all".into(),
    }
}
