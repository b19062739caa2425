//! Names under which settings are known elsewhere, so that files and variables written for them mean the same here.

use serde_json::Value;

use super::{Given, Origin, Raw};

/// Other names of keys, in files.
const PATHS: [(&str, &str); 3] = [
    ("embedding_dim", "models.dimension"),
    ("models.embedding", "models.embedder"),
    ("models.nli", "models.entailment"),
];
const WEIGHTS: &str = "critic_weights.";

/// The key that a name in a file means.
pub fn known_as(path: &str) -> String {
    if let Some(critic) = path.strip_prefix(WEIGHTS) {
        return format!("weights.{critic}");
    }
    let found = PATHS.iter().find(|(other, _)| *other == path);
    found.map_or(path, |(_, key)| key).to_owned()
}

/// A variable of another name: the values that it stands for, or what is wrong with it. `None`: it is none of these.
pub fn variable(name: &str, value: &str) -> Option<Result<Vec<Given>, String>> {
    let given = |path: String, value: String| Given {
        path,
        value: Raw::Unquoted(value),
        origin: Origin::Variable(name.to_owned()),
    };
    match name {
        DIMENSION => Some(Ok(vec![given("models.dimension".into(), value.to_owned())])),
        CRITIC_WEIGHTS => Some(weights(value).map(|weights| {
            let weights = weights.into_iter();
            weights.map(|(critic, weight)| given(format!("weights.{critic}"), weight)).collect()
        })),
        _ => None,
    }
}

const DIMENSION: &str = "CNS_EMBEDDING_DIM";
const CRITIC_WEIGHTS: &str = "CNS_CRITIC_WEIGHTS";
/// The names of such variables.
pub const VARIABLES: [&str; 2] = [DIMENSION, CRITIC_WEIGHTS];

const EXPECTED: &str = r#"{"grounding": 0.4, "logic": 0.3, "novelty": 0.3}"#;
const CRITICS: [&str; 3] = ["grounding", "logic", "novelty"];

fn weights(json: &str) -> Result<Vec<(String, String)>, String> {
    let value: Value = serde_json::from_str(json).map_err(|error| {
        format!("is not JSON at column {}; {EXPECTED} is an example", error.column())
    })?;
    let Value::Object(weights) = value else {
        return Err(format!("is JSON, but no object; {EXPECTED} is an example"));
    };
    let unknown = weights.keys().find(|name| !CRITICS.contains(&name.as_str()));
    if let Some(unknown) = unknown {
        let critics = CRITICS.join(", ");
        return Err(format!("there is no critic `{unknown}`; there are {critics}"));
    }
    let weight = |(critic, weight): (String, Value)| match weight {
        Value::Number(number) => Ok((critic, number.to_string())),
        other => Err(format!("the weight of {critic} is {other}; a number is expected")),
    };
    weights.into_iter().map(weight).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_in_json_are_the_three_weights_and_faults_say_where() {
        let given = variable(CRITIC_WEIGHTS, r#"{"grounding": 1, "logic": 0.5}"#).unwrap().unwrap();
        let told: Vec<_> = given.iter().map(|given| (given.path.as_str(), &given.value)).collect();
        let text = |text: &str| Raw::Unquoted(text.into());
        assert_eq!(told, [("weights.grounding", &text("1")), ("weights.logic", &text("0.5"))]);
        for (json, said) in [
            ("{grounding:.4}", "not JSON at column 2"),
            ("[1]", "no object"),
            (r#"{"truth": 1}"#, "no critic `truth`; there are grounding, logic, novelty"),
            (r#"{"logic": "much"}"#, "the weight of logic is \"much\""),
        ] {
            let fault = variable(CRITIC_WEIGHTS, json).unwrap().unwrap_err();
            assert!(fault.contains(said), "{fault}");
        }
    }
}
