//! Shapes and words of a picture, and the axes that most of them have.

use std::fmt::Write;

/// Lines and words.
pub const INK: &str = "#222";
/// What is there for orientation only.
pub const FAINT: &str = "#bbb";
/// One colour for each system; readable side by side also without red and green.
pub const COLOURS: [&str; 5] = ["#0072b2", "#e69f00", "#56b4e9", "#999999", "#cc79a7"];
/// About as wide as a letter is at this size: labels get room by it.
const LETTER: f64 = 0.56;
/// The size of words.
pub const SIZE: f64 = 12.0;

/// Where words stand in relation to their place.
#[derive(Debug, Clone, Copy)]
pub enum Anchor {
    /// They begin there.
    Start,
    /// They are centred there.
    Middle,
    /// They end there.
    End,
}

/// A picture in the making.
pub struct Svg {
    width: f64,
    height: f64,
    body: String,
}

impl Svg {
    /// An empty one with a title.
    pub fn new(width: f64, height: f64, title: &str) -> Svg {
        let mut svg = Svg { width, height, body: String::new() };
        svg.rectangle((0.0, 0.0), (width, height), "#fff");
        svg.text((width / 2.0, 22.0), Anchor::Middle, &cut(title, width - 20.0));
        svg
    }

    /// A filled rectangle.
    pub fn rectangle(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), fill: &str) {
        self.add(format_args!(
            r#"<rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" fill="{fill}"/>"#
        ));
    }

    /// A line through points.
    pub fn line(&mut self, points: &[(f64, f64)], colour: &str, width: f64) {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let points = points.join(" ");
        self.add(format_args!(
            r#"<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width}"/>"#
        ));
    }

    /// A filled circle.
    pub fn circle(&mut self, (x, y): (f64, f64), radius: f64, fill: &str) {
        self.add(format_args!(
            r#"<circle cx="{x:.1}" cy="{y:.1}" r="{radius:.1}" fill="{fill}"/>"#
        ));
    }

    /// Words on one line.
    pub fn text(&mut self, place: (f64, f64), anchor: Anchor, words: &str) {
        self.text_in(place, anchor, words, INK);
    }

    /// Words in a colour.
    pub fn text_in(&mut self, (x, y): (f64, f64), anchor: Anchor, words: &str, colour: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let words = escaped(words);
        self.add(format_args!(
            r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" fill="{colour}">{words}</text>"#
        ));
    }

    /// Words from below upwards, centred.
    pub fn upright(&mut self, (x, y): (f64, f64), words: &str) {
        let words = escaped(words);
        self.add(format_args!(
            r#"<text transform="translate({x:.1} {y:.1}) rotate(-90)" text-anchor="middle" fill="{INK}">{words}</text>"#
        ));
    }

    /// The picture as a file.
    pub fn finish(self) -> String {
        let Svg { width, height, body } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
             viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"sans-serif\" font-size=\"{SIZE}\">\n{body}</svg>\n"
        )
    }

    fn add(&mut self, shape: std::fmt::Arguments<'_>) {
        // Writing into a string does not fail.
        let _ = writeln!(self.body, "{shape}");
    }
}

/// How wide words are, at most.
pub fn width(words: &str) -> f64 {
    words.chars().count() as f64 * SIZE * LETTER
}

/// Words cut to fit, with a mark where they were.
pub fn cut(words: &str, room: f64) -> String {
    if width(words) <= room {
        return words.to_owned();
    }
    let letters = (room / (SIZE * LETTER)) as usize;
    words.chars().take(letters.saturating_sub(1)).chain(['…']).collect()
}

/// Words inside XML; what XML cannot hold is replaced.
fn escaped(words: &str) -> String {
    let mut escaped = String::new();
    for letter in words.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => {
                escaped.push(char::REPLACEMENT_CHARACTER);
            }
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_cannot_break_the_picture() {
        assert_eq!(escaped("a<b>&\"\u{1}"), "a&lt;b&gt;&amp;&quot;\u{fffd}");
        assert_eq!(cut("a long title", 60.0), "a long …");
        assert_eq!(cut("short", 60.0), "short");
    }
}
