//! The example file: every setting with its default and what it does.

use super::{KEYS, Settings};

const HEAD: &str = "\
# All settings of cns, with their defaults. Copy this file to cns.toml and keep the lines that you change.
# A variable wins over the file, a flag over the variable. Made by `cns config example`.
";

/// The text of the example file.
pub fn example() -> String {
    let defaults = Settings::default();
    let mut text = HEAD.to_owned();
    let mut section = "";
    for key in KEYS {
        let (of, name) = key.path.rsplit_once('.').unwrap_or(("", key.path));
        if of != section {
            section = of;
            text.push_str(&format!("\n[{section}]"));
        }
        text.push_str(&format!("\n# {}\n# Variable: {}\n", key.meaning, key.variable()));
        text.push_str(&format!("{name} = {}\n", key.field.written(&defaults)));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::settings::{Sources, load};

    const FILE: &str = "config/example.toml";

    #[test]
    fn the_example_file_is_up_to_date_and_says_the_defaults() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(kept, example(), "make it anew with `cns config example > {FILE}`");
        let loaded = load(Sources { files: vec![path], ..Sources::default() }).unwrap();
        assert_eq!(loaded.settings, Settings::default());
        assert_eq!(loaded.origins.len(), KEYS.len());
    }
}
