//! Texts whose words are drawn from a number. Ten neighbouring numbers share a topic's studies.

const TOPICS: [&str; 10] =
    ["coffee", "rye", "filters", "sleep", "traffic", "maize", "noise", "shade", "salt", "wool"];

fn topic(number: usize) -> String {
    format!("{}-{}", TOPICS[number % 10], number / 10 % 500)
}

/// Of ten documents on a topic one denies what the others say: about one conflict for each document.
fn headline(number: usize) -> String {
    let verb = if number / 10 % 10 == number % 10 { "does not increase" } else { "increases" };
    format!("We find that {} {verb} the output of plot {number} [1].\n\n", topic(number))
}

fn references(number: usize) -> String {
    let topic = topic(number);
    let entry = |reference| {
        format!(
            "{reference}. Author A. Study of {topic}. 2020. doi:10.5555/bench.{}.{reference}\n",
            number / 10
        )
    };
    format!("\n\nReferences\n{}", (1..4).map(entry).collect::<String>())
}

/// One page: about 400 words, 22 statements, three references.
pub fn page(number: usize) -> String {
    let topic = topic(number);
    let lines: String = (0..22)
        .map(|line| {
            format!(
                "Measurement {line} of {topic} showed {} units in season {}, because plot {number} was {} [{}]. ",
                (number * 31 + line * 7) % 97,
                line % 4,
                ["shaded", "watered", "fenced", "tilled"][line % 4],
                line % 3 + 1,
            )
        })
        .collect();
    headline(number) + &lines + &references(number)
}

/// A note: one claim, one reason, three references. No note denies another.
pub fn note(number: usize) -> String {
    let reason = format!(
        "Plot {number} gave {} units because {} was {} [2].",
        number * 31 % 97,
        topic(number),
        ["shaded", "watered", "fenced", "tilled"][number % 4]
    );
    let claim =
        format!("We find that {} increases the output of plot {number} [1]. ", topic(number));
    claim + &reason + &references(number)
}
