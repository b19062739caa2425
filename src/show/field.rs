//! Reads parts of a JSON answer by pointer. What is missing is empty, never a crash: an older command line
//! may ask a newer server.

use serde_json::Value;

use crate::terminal::harmless;

/// The text at `pointer`, or what stands there as text; empty when nothing does.
pub fn text(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => harmless(text),
        Some(other) => harmless(&other.to_string()),
    }
}

/// The first of several places that says something.
pub fn first(value: &Value, pointers: &[&str]) -> String {
    pointers
        .iter()
        .map(|pointer| text(value, pointer))
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

/// A number with two places if it is a fraction, whole otherwise; `–` when there is none.
pub fn number(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer) {
        Some(Value::Number(number)) if number.is_f64() => {
            format!("{:.2}", number.as_f64().unwrap_or_default())
        }
        Some(Value::Number(number)) => number.to_string(),
        _ => "–".into(),
    }
}

/// A fraction, with two places also when it was sent as 1.
pub fn share(value: &Value, pointer: &str) -> String {
    value
        .pointer(pointer)
        .and_then(Value::as_f64)
        .map_or_else(|| "–".into(), |share| format!("{share:.2}"))
}

/// The entries of the list at `pointer`.
pub fn entries<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The text at `inner` of each entry of the list at `pointer`.
pub fn texts(value: &Value, pointer: &str, inner: &str) -> Vec<String> {
    entries(value, pointer).iter().map(|entry| text(entry, inner)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_missing_is_empty() {
        let value = json!({"a": {"b": "x\u{1b}[2J"}, "n": 0.714, "one": 1, "list": [{"c": 1}, {}]});
        assert_eq!(text(&value, "/a/b"), "x\u{fffd}[2J");
        assert_eq!(text(&value, "/a/c"), "");
        assert_eq!(
            (number(&value, "/n"), number(&value, "/one"), number(&value, "/no")),
            ("0.71".into(), "1".into(), "–".into())
        );
        assert_eq!(share(&value, "/one"), "1.00");
        assert_eq!(texts(&value, "/list", "/c"), ["1", ""]);
        assert!(entries(&value, "/a").is_empty());
    }
}
