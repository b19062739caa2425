//! The reference of all settings, as a page of the documentation.

use super::{KEYS, Settings, alias, key::Key};

const HEAD: &str = "\
# Settings

Made by `cns config reference`. A setting comes from, the later winning over the earlier: its default, `cns.toml` in the
working directory or the files of `--config` (TOML, or YAML by their names; a later file wins), its variable, its flag.
A name that means nothing is refused, with the nearest that does; all faults are told at once, with their lines.

`cns config show` says what is in force and where each value came from, `cns config check` what is wrong,
`cns config example` prints a file with all of them. Bytes may be written as \"64MiB\".

Weights, gates and models are recorded: every decision names the hash of those it was made with. On Kafka they are the same
for all processes of a namespace, and only `cns config apply` changes them.
";

/// The text of the page.
pub fn reference() -> String {
    let defaults = Settings::default();
    let mut text = HEAD.to_owned();
    let mut section = None;
    for key in KEYS {
        let of = key.path.rsplit_once('.').map(|(section, _)| section);
        if section != Some(of) {
            section = Some(of);
            let title = of.map_or("For the whole process".into(), |of| format!("`{of}`"));
            text.push_str(&format!("\n## {title}\n\n"));
            text.push_str("| setting | default | variable | what it does |\n|---|---|---|---|\n");
        }
        text.push_str(&row(key, &defaults));
    }
    text.push_str("\n## Other names\n\n");
    text.push_str("Files and variables written for other programs of the method are understood:\n");
    text.push_str("`embedding_dim`, `critic_weights.*`, `models.embedding`, `models.nli` in a file, and the variables ");
    let variables = alias::VARIABLES.map(|name| format!("`{name}`"));
    text.push_str(&format!("{} (JSON).\n", variables.join(" and ")));
    text
}

fn row(key: &Key, defaults: &Settings) -> String {
    let default = key.field.written(defaults);
    format!("| `{}` | `{default}` | `{}` | {} |\n", key.path, key.variable(), key.meaning)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const PAGE: &str = "docs/configuration.md";

    #[test]
    fn the_page_is_up_to_date() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert_eq!(kept, reference(), "make it anew with `cns config reference > {PAGE}`");
    }
}
