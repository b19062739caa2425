//! The pictures of a report.

use super::svg::{Anchor, COLOURS, FAINT, INK, SIZE, Svg, cut, width};
use crate::eval::{
    labelled::Label,
    measure::{BINS, Confusion, Reliability},
    report::Report,
};

/// The side of a square that something is drawn in.
const SIDE: f64 = 320.0;
/// Around it: for the title above, the scale and its name beside.
const LEFT: f64 = 70.0;
const TOP: f64 = 44.0;
const BELOW: f64 = 52.0;
/// From one line of words to the next.
const LINE: f64 = 18.0;

/// What a picture shows, for its file's name, and the picture.
pub fn all(report: &Report) -> Vec<(&'static str, String)> {
    let model = report.systems.first().map_or("", |system| system.name.as_str());
    let mut pictures = Vec::new();
    if let Some(drawn) = &report.drawn {
        pictures.push(("confusion", confusion(model, &drawn.confusion)));
        pictures.push(("reliability", reliability(model, &drawn.reliability)));
        pictures.push(("roc", roc(&drawn.curves)));
    }
    for (measure, name) in [
        ("macro_f1", "macro-f1"),
        ("auc_conflict", "auc"),
        ("precision_at_10", "precision"),
        ("recall", "recall"),
        ("accuracy_same", "same"),
        ("accuracy_different", "different"),
    ] {
        if let Some(place) = report.measures.iter().position(|there| *there == measure) {
            pictures.push((name, bars(report, place)));
        }
    }
    pictures
}

/// Counts of labels against what was said; the darker, the larger its share of the label.
fn confusion(model: &str, confusion: &Confusion) -> String {
    let cell = SIDE / 3.0;
    let left = LEFT + 20.0;
    let mut svg = Svg::new(left + SIDE + 20.0, TOP + SIDE + BELOW, &format!("What {model} says"));
    for label in Label::ALL {
        let row = label as usize;
        let sum: f64 = confusion.0[row].iter().sum();
        let y = TOP + row as f64 * cell;
        svg.text((left - 8.0, y + cell / 2.0), Anchor::End, label.name());
        svg.text(
            (left + (row as f64 + 0.5) * cell, TOP + SIDE + 20.0),
            Anchor::Middle,
            label.name(),
        );
        for (column, count) in confusion.0[row].iter().enumerate() {
            let share = if sum > 0.0 { count / sum } else { 0.0 };
            let x = left + column as f64 * cell;
            let fill =
                format!("rgb({0},{1},{2})", tone(share, 0), tone(share, 114), tone(share, 178));
            svg.rectangle((x + 1.0, y + 1.0), (cell - 2.0, cell - 2.0), &fill);
            let ink = if share > 0.5 { "#fff" } else { INK };
            let middle = (x + cell / 2.0, y + cell / 2.0);
            svg.text_in((middle.0, middle.1 - 3.0), Anchor::Middle, &format!("{count:.0}"), ink);
            let percent = format!("{:.0} %", 100.0 * share);
            svg.text_in((middle.0, middle.1 + SIZE + 3.0), Anchor::Middle, &percent, ink);
        }
    }
    svg.upright((16.0, TOP + SIDE / 2.0), "label");
    svg.text((left + SIDE / 2.0, TOP + SIDE + 42.0), Anchor::Middle, "said");
    svg.finish()
}

/// From white to a colour.
fn tone(share: f64, full: u8) -> u8 {
    (255.0 - share * (255.0 - f64::from(full))) as u8
}

/// Accuracy against confidence; the larger a point, the more rows it stands for.
fn reliability(model: &str, reliability: &Reliability) -> String {
    let below = format!("confidence, in {BINS} equal parts; area by rows");
    let mut svg = square(&format!("How often {model} is right"), &below, "accuracy", 0);
    let most = reliability.0.iter().map(|bin| bin.0).fold(0.0, f64::max);
    let bins: Vec<_> = reliability.0.iter().filter(|bin| bin.0 > 0.0).collect();
    let points: Vec<(f64, f64)> =
        bins.iter().map(|(rows, said, right)| place(said / rows, right / rows)).collect();
    svg.line(&points, COLOURS[0], 1.5);
    for (point, (rows, ..)) in points.iter().zip(bins) {
        svg.circle(*point, 3.0 + 7.0 * (rows / most).sqrt(), COLOURS[0]);
    }
    svg.finish()
}

/// The names stand below: a curve may go anywhere in the square.
fn roc(curves: &[(String, Vec<(f64, f64)>)]) -> String {
    let (below, beside) = ("refutes taken for supports", "supports found");
    let mut svg = square("Supports against refutes", below, beside, curves.len());
    for (number, (name, curve)) in curves.iter().enumerate().rev() {
        let colour = COLOURS[number % COLOURS.len()];
        let points: Vec<(f64, f64)> = curve.iter().map(|(x, y)| place(*x, *y)).collect();
        svg.line(&points, colour, 1.5);
        let y = TOP + SIDE + BELOW + (number as f64 + 0.5) * LINE;
        svg.rectangle((LEFT, y - 5.0), (14.0, 3.0), colour);
        svg.text((LEFT + 20.0, y), Anchor::Start, &cut(name, SIDE - 20.0));
    }
    svg.finish()
}

/// One measure of every system, with its interval.
fn bars(report: &Report, measure: usize) -> String {
    const BAR: f64 = 22.0;
    const GAP: f64 = 14.0;
    let longest = report.systems.iter().map(|system| width(&system.name)).fold(0.0, f64::max);
    let left = longest.min(SIDE) + 24.0;
    let height = report.systems.len() as f64 * (BAR + GAP);
    let title = format!("{}: {}", report.name, report.measures[measure].replace('_', " "));
    let mut svg = Svg::new(left + SIDE + 70.0, TOP + height + BELOW, &title);
    for tick in 0..=5 {
        let x = left + SIDE * f64::from(tick) / 5.0;
        svg.line(&[(x, TOP), (x, TOP + height)], FAINT, 0.5);
        svg.text(
            (x, TOP + height + 18.0),
            Anchor::Middle,
            &format!("{:.1}", f64::from(tick) / 5.0),
        );
    }
    for (number, system) in report.systems.iter().enumerate() {
        let y = TOP + GAP / 2.0 + number as f64 * (BAR + GAP);
        let middle = y + BAR / 2.0;
        svg.text((left - 8.0, middle + 4.0), Anchor::End, &cut(&system.name, SIDE));
        let (value, interval) = (system.measures[measure].value, system.measures[measure].interval);
        let Some(value) = value else {
            svg.text((left + 6.0, middle + 4.0), Anchor::Start, "not defined");
            continue;
        };
        let colour = if number == 0 { COLOURS[0] } else { FAINT };
        svg.rectangle((left, y), (SIDE * value, BAR), colour);
        let (low, high) = interval.unwrap_or((value, value));
        svg.line(&[(left + SIDE * low, middle), (left + SIDE * high, middle)], INK, 1.5);
        let end = left + SIDE * high.max(value) + 6.0;
        svg.text((end, middle + 4.0), Anchor::Start, &format!("{value:.3}"));
    }
    svg.finish()
}

/// A square from 0 to 1 both ways with its diagonal, and room for lines below it.
fn square(title: &str, below: &str, beside: &str, lines: usize) -> Svg {
    let height = TOP + SIDE + BELOW + lines as f64 * LINE;
    let mut svg = Svg::new(LEFT + SIDE + 20.0, height, title);
    for tick in 0..=5 {
        let share = f64::from(tick) / 5.0;
        svg.line(&[place(share, 0.0), place(share, 1.0)], FAINT, 0.5);
        svg.line(&[place(0.0, share), place(1.0, share)], FAINT, 0.5);
        let (x, y) = place(share, share);
        svg.text((x, TOP + SIDE + 18.0), Anchor::Middle, &format!("{share:.1}"));
        svg.text((LEFT - 8.0, y + 4.0), Anchor::End, &format!("{share:.1}"));
    }
    svg.line(&[place(0.0, 0.0), place(1.0, 1.0)], FAINT, 1.0);
    svg.text((LEFT + SIDE / 2.0, TOP + SIDE + 40.0), Anchor::Middle, below);
    svg.upright((20.0, TOP + SIDE / 2.0), beside);
    svg
}

fn place(x: f64, y: f64) -> (f64, f64) {
    (LEFT + SIDE * x, TOP + SIDE * (1.0 - y))
}
