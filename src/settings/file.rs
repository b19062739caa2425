//! Settings of a TOML file, each with its line.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{Given, Origin, Raw};

/// The values of a file, or what is wrong with its syntax. `name` is how the file is called in messages.
pub fn read(text: &str, name: &str) -> (Vec<Given>, Vec<(Origin, String)>) {
    let origin = |at: usize| Origin::File { path: name.to_owned(), line: line_of(text, at) };
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut given = Vec::new();
    collect(table.get_ref(), "", &origin, &mut given);
    let faults = errors
        .iter()
        .map(|error| {
            let at = error.span().map_or(0, |span| span.start);
            (origin(at), format!("this is no TOML: {}", error.message()))
        })
        .collect();
    (given, faults)
}

fn collect(
    table: &DeTable<'_>,
    prefix: &str,
    origin: &impl Fn(usize) -> Origin,
    given: &mut Vec<Given>,
) {
    for (key, value) in table {
        let path = format!("{prefix}{}", key.get_ref());
        match value.get_ref() {
            DeValue::Table(inner) if !inner.is_empty() => {
                collect(inner, &format!("{path}."), origin, given)
            }
            _ => given.push(Given { path, value: raw(value), origin: origin(key.span().start) }),
        }
    }
}

fn raw(value: &Spanned<DeValue<'_>>) -> Raw {
    match value.get_ref() {
        DeValue::String(text) => Raw::Text(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Raw::Number(number.as_str().to_owned()),
        DeValue::Float(number) => Raw::Number(number.as_str().to_owned()),
        DeValue::Integer(_) => Raw::Other("a number that is not decimal"),
        DeValue::Boolean(_) => Raw::Other("true or false"),
        DeValue::Datetime(_) => Raw::Other("a date"),
        DeValue::Array(_) => Raw::Other("a list"),
        DeValue::Table(_) => Raw::Other("a section"),
    }
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        /// Whatever the file holds, each value and each fault has a line that the file has.
        #[test]
        fn any_text_gives_values_and_faults_with_lines(text in "[\\[\\]=.\"'#a-c0-9 \n]{0,80}|\\PC{0,40}") {
            let lines = text.lines().count().max(1) + 1;
            let (given, faults) = read(&text, "cns.toml");
            let origins = given.iter().map(|value| &value.origin);
            for origin in origins.chain(faults.iter().map(|(origin, _)| origin)) {
                let Origin::File { line, .. } = origin else { panic!("{origin:?}") };
                assert!((1..=lines).contains(line), "line {line} of {lines}");
            }
        }
    }
}
