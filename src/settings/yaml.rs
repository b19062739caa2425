//! Settings of a YAML file, each with its line: the same keys as in TOML.

use saphyr::{LoadableYamlNode, MarkedYaml, Scalar, YamlData};

use super::{Given, Origin, Raw};

/// The values of a file, or what is wrong with its syntax. `name` is how the file is called in messages.
pub fn read(text: &str, name: &str) -> (Vec<Given>, Vec<(Origin, String)>) {
    let origin = |line: usize| Origin::File { path: name.to_owned(), line };
    let documents = match MarkedYaml::load_from_str(text) {
        Ok(documents) => documents,
        Err(error) => {
            let line = error.marker().line().max(1);
            return (
                Vec::new(),
                vec![(origin(line), format!("this is no YAML: {}", error.info()))],
            );
        }
    };
    let (mut given, mut faults) = (Vec::new(), Vec::new());
    let mut documents = documents.iter();
    match documents.next().map(|document| (&document.data, document)) {
        None | Some((YamlData::Value(Scalar::Null), _)) => {}
        Some((YamlData::Mapping(_), document)) => {
            collect(document, "", &origin, &mut given, &mut faults)
        }
        Some((_, document)) => {
            let fault = "settings are expected, a name and a value on each line, as in `listen: 127.0.0.1:8000`";
            faults.push((origin(line(document)), fault.into()));
        }
    }
    if let Some(second) = documents.next() {
        faults.push((origin(line(second)), "a second document begins; a file has one".into()));
    }
    (given, faults)
}

fn line(node: &MarkedYaml<'_>) -> usize {
    node.span.start.line().max(1)
}

fn collect(
    mapping: &MarkedYaml<'_>,
    prefix: &str,
    origin: &impl Fn(usize) -> Origin,
    given: &mut Vec<Given>,
    faults: &mut Vec<(Origin, String)>,
) {
    let YamlData::Mapping(entries) = &mapping.data else { return };
    for (key, value) in entries {
        let YamlData::Value(Scalar::String(name)) = &key.data else {
            faults.push((origin(line(key)), "the name of a setting is expected".into()));
            continue;
        };
        let path = format!("{prefix}{name}");
        match &value.data {
            YamlData::Mapping(inner) if !inner.is_empty() => {
                collect(value, &format!("{path}."), origin, given, faults);
            }
            data => given.push(Given { path, value: raw(data), origin: origin(line(key)) }),
        }
    }
}

fn raw<'t>(data: &YamlData<'t, MarkedYaml<'t>>) -> Raw {
    match data {
        YamlData::Value(Scalar::String(text)) => Raw::Text(text.to_string()),
        YamlData::Value(Scalar::Integer(number)) => Raw::Number(number.to_string()),
        YamlData::Value(Scalar::FloatingPoint(number)) => Raw::Number(number.to_string()),
        YamlData::Value(Scalar::Boolean(_)) => Raw::Other("true or false"),
        YamlData::Value(Scalar::Null) => Raw::Other("nothing"),
        YamlData::Sequence(_) => Raw::Other("a list"),
        YamlData::Mapping(_) => Raw::Other("a section"),
        _ => Raw::Other("of a kind that settings do not have"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<(String, Raw, usize)> {
        let (given, faults) = read(text, "cns.yaml");
        assert_eq!(faults, []);
        let line = |origin| match origin {
            Origin::File { line, .. } => line,
            other => panic!("{other:?}"),
        };
        given.into_iter().map(|given| (given.path, given.value, line(given.origin))).collect()
    }

    #[test]
    fn keys_values_and_lines_are_those_of_the_file() {
        let text = "# a comment\nlisten: \"127.0.0.1:1\"\ngates:\n  opposition: 0.7\n  neighbours_max: 9\n";
        let expected = [
            ("listen".to_owned(), Raw::Text("127.0.0.1:1".into()), 2),
            ("gates.opposition".to_owned(), Raw::Number("0.7".into()), 4),
            ("gates.neighbours_max".to_owned(), Raw::Number("9".into()), 5),
        ];
        assert_eq!(paths(text), expected);
        assert_eq!(paths("# nothing\n"), []);
    }

    #[test]
    fn what_is_no_settings_file_is_told_with_its_line() {
        for (text, line, said) in [
            ("listen: [\n", 2, "this is no YAML"),
            ("- a\n- b\n", 1, "settings are expected"),
            ("state: a\n---\nstate: b\n", 3, "a second document"),
            ("1: a\n", 1, "the name of a setting"),
        ] {
            let (_, faults) = read(text, "cns.yaml");
            let (origin, fault) = &faults[0];
            assert_eq!(origin.to_string(), format!("cns.yaml:{line}"), "{fault}");
            assert!(fault.contains(said), "{fault}");
        }
    }

    proptest::proptest! {
        /// Whatever the file holds, each value and each fault has a line that the file has.
        #[test]
        fn any_text_gives_values_and_faults_with_lines(text in "[\\[\\]{}:&*|>\\-.\"'#a-c0-9 \n]{0,80}|\\PC{0,40}") {
            let lines = text.lines().count().max(1) + 1;
            let (given, faults) = read(&text, "cns.yaml");
            let origins = given.iter().map(|value| &value.origin);
            for origin in origins.chain(faults.iter().map(|(origin, _)| origin)) {
                let Origin::File { line, .. } = origin else { panic!("{origin:?}") };
                assert!((1..=lines).contains(line), "line {line} of {lines}");
            }
        }
    }
}
