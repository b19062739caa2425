//! Puts the sources together and says everything that is wrong with them at once.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use super::{
    Given, Origin, Settings,
    alias::known_as,
    environment, file,
    key::{KEYS, find, nearest},
    yaml,
};
use crate::failure::{Code, Failure};

/// The file that is read when it is there and no other is named.
const FILE: &str = "cns.toml";

/// Where settings are looked for.
#[derive(Debug, Default)]
pub struct Sources {
    /// Each `--config`, a later one over the earlier ones; without any `cns.toml` in the working directory, if there is
    /// one.
    pub files: Vec<PathBuf>,
    /// The environment.
    pub variables: Vec<(String, String)>,
    /// Flags of the command line.
    pub flags: Vec<Given>,
}

/// Settings, and where each came from.
#[derive(Debug)]
pub struct Loaded {
    /// The effective settings.
    pub settings: Settings,
    /// By the path of the key; what is not here is a default.
    pub origins: BTreeMap<&'static str, Origin>,
}

/// Reads all sources, the later ones over the earlier ones: file, variables, flags.
pub fn load(sources: Sources) -> Result<Loaded, Failure> {
    let mut faults = Vec::new();
    let mut given = Vec::new();
    for (text, name) in texts(sources.files)? {
        let (values, wrong) = match name.rsplit_once('.') {
            Some((_, "yaml" | "yml")) => yaml::read(&text, &name),
            _ => file::read(&text, &name),
        };
        given.extend(values);
        faults.extend(wrong);
    }
    let (values, wrong) = environment::read(sources.variables.into_iter());
    given.extend(values);
    faults.extend(wrong);
    given.extend(sources.flags);

    let loaded = apply(given, &mut faults);
    if faults.is_empty() { Ok(loaded) } else { Err(refusal(&faults)) }
}

fn apply(given: Vec<Given>, faults: &mut Vec<(Origin, String)>) -> Loaded {
    let (mut settings, mut origins) = (Settings::default(), BTreeMap::new());
    for Given { path, value, origin } in given {
        let path = known_as(&path);
        let Some(key) = find(&path) else {
            faults.push((origin, unknown(&path)));
            continue;
        };
        match key.field.set(&mut settings, &value) {
            Ok(()) => drop(origins.insert(key.path, origin)),
            Err(fault) => faults.push((origin, format!("{path} {fault}"))),
        }
    }
    let weights = &settings.weights;
    if weights.grounding + weights.logic + weights.novelty <= 0.0 {
        let origin = origins.get("weights.grounding").cloned().unwrap_or(Origin::Default);
        faults.push((origin, "weights are all 0; at least one critic must count".into()));
    }
    for (path, fault) in settings.kafka_faults() {
        let origin = origins.get(path).cloned().unwrap_or(Origin::Default);
        faults.push((origin, format!("{path} {fault}")));
    }
    Loaded { settings, origins }
}

fn unknown(path: &str) -> String {
    if KEYS.iter().any(|key| key.path.starts_with(&format!("{path}."))) {
        return format!("{path} is a section; write [{path}] and its settings below");
    }
    match nearest(path, KEYS.iter().map(|key| key.path)) {
        Some(near) => format!("there is no setting {path}; did you mean {near}?"),
        None => format!("there is no setting {path}; `cns config example` shows them all"),
    }
}

fn refusal(faults: &[(Origin, String)]) -> Failure {
    let what =
        if faults.len() == 1 { "1 fault".into() } else { format!("{} faults", faults.len()) };
    let mut message = format!("{what} in the settings:");
    for (origin, fault) in faults {
        message.push_str(&format!("\n  {origin}: {fault}"));
    }
    Failure::new(Code::Config, message)
}

/// The texts of the settings files with their names.
fn texts(named: Vec<PathBuf>) -> Result<Vec<(String, String)>, Failure> {
    if named.is_empty() {
        let own = PathBuf::from(FILE);
        return if own.exists() { Ok(vec![text(&own)?]) } else { Ok(Vec::new()) };
    }
    named.iter().map(|path| text(path)).collect()
}

fn text(path: &Path) -> Result<(String, String), Failure> {
    let name = path.display().to_string();
    match fs::read_to_string(path) {
        Ok(text) => Ok((text, name)),
        Err(error) => Err(Failure::new(
            Code::Config,
            format!("cannot read the settings file {name}: {error}"),
        )
        .hint("`cns config example` prints one to begin with")),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::settings::Raw;

    fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn with_file(text: &str, set: &[(&str, &str)], flags: Vec<Given>) -> Result<Loaded, Failure> {
        let mut file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        load(Sources { files: vec![file.path().into()], variables: variables(set), flags })
    }

    #[test]
    fn flags_win_over_variables_over_file_over_defaults() {
        let text = "listen = \"127.0.0.1:1\"\n[gates]\nopposition = 0.7\nadmit_trust = 0.2\n";
        let flag = Given {
            path: "listen".into(),
            value: Raw::Unquoted("127.0.0.1:3".into()),
            origin: Origin::Flag("--listen"),
        };
        let set = [("CNS_LISTEN", "127.0.0.1:2"), ("CNS_GATES_OPPOSITION", "0.8"), ("HOME", "/")];
        let loaded = with_file(text, &set, vec![flag]).unwrap();
        assert_eq!(loaded.settings.listen.port(), 3);
        assert_eq!(loaded.settings.gates.opposition, 0.8);
        assert_eq!(loaded.settings.gates.admit_trust, 0.2);
        assert_eq!(loaded.settings.weights, Default::default());
        assert_eq!(loaded.origins["listen"], Origin::Flag("--listen"));
        assert_eq!(
            loaded.origins["gates.opposition"],
            Origin::Variable("CNS_GATES_OPPOSITION".into())
        );
        assert!(matches!(&loaded.origins["gates.admit_trust"], Origin::File { line: 4, .. }));
    }

    #[test]
    fn all_faults_are_told_at_once_with_their_places() {
        let text = "[gates]\nopositon = 0.7\nadmit_trust = 1.5\nneighbours_max = 0\n\n[models]\nembedder = 3\n";
        let set = [("CNS_GATE_OPPOSITION", "0.8"), ("CNS_WEIGHTS_LOGIC", "-1")];
        let failure = with_file(text, &set, Vec::new()).unwrap_err();
        assert_eq!(failure.code, Code::Config);
        let message = failure.message;
        assert!(message.starts_with("6 faults in the settings:"), "{message}");
        for part in [
            ".toml:2: there is no setting gates.opositon; did you mean gates.opposition?",
            ".toml:3: gates.admit_trust is 1.5; a number from 0 to 1 is expected",
            ".toml:4: gates.neighbours_max is 0; a whole number from 1 on is expected",
            ".toml:7: models.embedder is the number 3; a text in quotes is expected",
            "CNS_GATE_OPPOSITION: there is no such setting; did you mean CNS_GATES_OPPOSITION?",
            "CNS_WEIGHTS_LOGIC: weights.logic is -1; a number from 0 on is expected",
        ] {
            assert!(message.contains(part), "{part}\nnot in\n{message}");
        }
    }

    #[test]
    fn weights_that_are_all_0_are_refused() {
        let text = "[weights]\ngrounding = 0\nlogic = 0\nnovelty = 0\n";
        assert!(with_file(text, &[], Vec::new()).unwrap_err().message.contains("all 0"));
    }

    #[test]
    fn a_section_given_as_a_value_and_broken_toml_are_told() {
        let section = with_file("gates = 3\n", &[], Vec::new()).unwrap_err().message;
        assert!(section.contains("gates is a section"), "{section}");
        let broken = with_file("listen = \"127.0.0.1:1\"\nstate = = 3\n", &[], Vec::new())
            .unwrap_err()
            .message;
        assert!(broken.contains(".toml:2: this is no TOML"), "{broken}");
    }

    #[test]
    fn later_files_win_over_earlier_ones_and_names_used_elsewhere_are_known() {
        let write = |suffix: &str, text: &str| {
            let mut file = tempfile::Builder::new().suffix(suffix).tempfile().unwrap();
            file.write_all(text.as_bytes()).unwrap();
            file
        };
        let first = write(
            ".yaml",
            "embedding_dim: 384\ncritic_weights:\n  grounding: 0.5\nmodels:\n  nli: builtin\nstate: one\n",
        );
        let second = write(".toml", "state = \"two\"\n");
        let files = vec![first.path().into(), second.path().into()];
        let variables = variables(&[("CNS_CRITIC_WEIGHTS", r#"{"logic": 0.1}"#)]);
        let loaded = load(Sources { files, variables, ..Sources::default() }).unwrap();
        let settings = &loaded.settings;
        assert_eq!(settings.state, PathBuf::from("two"));
        assert_eq!(settings.models.dimension, 384);
        assert_eq!(settings.models.entailment, "builtin");
        assert_eq!((settings.weights.grounding, settings.weights.logic), (0.5, 0.1));
        assert!(matches!(&loaded.origins["weights.grounding"], Origin::File { line: 3, .. }));
    }

    #[test]
    fn a_named_file_must_be_there() {
        let missing = Sources { files: vec!["/nowhere/cns.toml".into()], ..Sources::default() };
        assert_eq!(load(missing).unwrap_err().code, Code::Config);
        load(Sources::default()).unwrap();
    }
}
