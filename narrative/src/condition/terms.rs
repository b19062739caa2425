//! Words that tell conditions apart.
//!
//! Invariant: whole words in lower case, as they stand in a sentence; each list is sorted.

/// Whether a list holds a word.
pub(super) fn has(list: &[&str], word: &str) -> bool {
    list.binary_search(&word).is_ok()
}

/// Units of what is given.
pub(super) const DOSE_UNITS: &[&str] = &[
    "cup",
    "cups",
    "drinks",
    "g",
    "gram",
    "grams",
    "iu",
    "litres",
    "mcg",
    "mg",
    "mg/kg",
    "mg/l",
    "micrograms",
    "milligram",
    "milligrams",
    "millilitres",
    "ml",
    "ppm",
    "tablet",
    "tablets",
    "µg",
];
/// Words before "dose".
pub(super) const DOSE_SIZES: &[&str] =
    &["double", "high", "higher", "large", "larger", "low", "lower", "moderate", "single", "small"];
/// Units of time.
pub(super) const TIME_UNITS: &[&str] = &[
    "centuries",
    "century",
    "day",
    "days",
    "decade",
    "decades",
    "hour",
    "hours",
    "minute",
    "minutes",
    "month",
    "months",
    "season",
    "seasons",
    "second",
    "seconds",
    "week",
    "weeks",
    "year",
    "years",
];
/// Times of the day.
pub(super) const TIMES_OF_DAY: &[&str] = &[
    "afternoon",
    "bedtime",
    "breakfast",
    "dinner",
    "evening",
    "evenings",
    "lunch",
    "midnight",
    "morning",
    "mornings",
    "night",
    "nights",
    "noon",
    "o'clock",
];
/// Words before a unit of time.
pub(super) const SPAN_WORDS: &[&str] =
    &["earlier", "early", "first", "initial", "last", "late", "later", "long", "short"];
/// Periods in one word.
pub(super) const SPANS: &[&str] =
    &["annual", "daily", "long-term", "monthly", "short-term", "weekly", "yearly"];
/// Who, or what, is studied.
pub(super) const GROUPS: &[&str] = &[
    "adolescents",
    "adults",
    "animals",
    "athletes",
    "beginners",
    "boys",
    "cafes",
    "cattle",
    "children",
    "clerks",
    "companies",
    "drinkers",
    "employees",
    "families",
    "farms",
    "firms",
    "girls",
    "handlers",
    "hospitals",
    "households",
    "infants",
    "men",
    "metabolisers",
    "mice",
    "newborns",
    "non-smokers",
    "patients",
    "pensioners",
    "people",
    "pupils",
    "rats",
    "residents",
    "restaurants",
    "runners",
    "schools",
    "seniors",
    "shops",
    "smokers",
    "students",
    "teenagers",
    "users",
    "volunteers",
    "women",
    "workers",
];
/// Kinds of places.
pub(super) const PLACES: &[&str] = &[
    "africa",
    "america",
    "areas",
    "asia",
    "cities",
    "city",
    "coast",
    "countries",
    "country",
    "districts",
    "east",
    "europe",
    "fields",
    "forests",
    "hills",
    "indoors",
    "laboratory",
    "lakes",
    "land",
    "north",
    "outdoors",
    "plots",
    "region",
    "regions",
    "rivers",
    "road",
    "roads",
    "rural",
    "sea",
    "slopes",
    "soils",
    "south",
    "street",
    "streets",
    "towns",
    "tropics",
    "urban",
    "valley",
    "villages",
    "west",
    "zones",
];
/// Ways of measuring. Names of studies are not among them: two studies that differ are a disagreement.
pub(super) const METHODS: &[&str] = &[
    "adjusted",
    "blinded",
    "estimated",
    "measured",
    "modelled",
    "observational",
    "observed",
    "prospective",
    "randomised",
    "randomized",
    "recalled",
    "retrospective",
    "self-reported",
    "simulated",
    "unadjusted",
    "unblinded",
];
/// What a study counts.
pub(super) const COUNTED: &[&str] = &[
    "adults",
    "children",
    "participants",
    "patients",
    "people",
    "respondents",
    "subjects",
    "volunteers",
    "workers",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_for_the_search() {
        for list in [
            DOSE_UNITS,
            DOSE_SIZES,
            TIME_UNITS,
            TIMES_OF_DAY,
            SPAN_WORDS,
            SPANS,
            GROUPS,
            PLACES,
            METHODS,
            COUNTED,
        ] {
            assert!(list.is_sorted_by(|a, b| a < b), "{list:?}");
            assert!(list.iter().all(|word| has(list, word)) && !has(list, "coffee"));
        }
    }
}
