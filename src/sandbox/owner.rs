//! The types of CRM entities: the number and the name that REST has for each (bitrix24-rest.md
//! §3.1).

/// The types with a name of their own.
const TYPES: [(&str, i64); 7] = [
    ("lead", 1),
    ("deal", 2),
    ("contact", 3),
    ("company", 4),
    ("quote", 7),
    ("order", ORDER),
    ("smart_invoice", 31),
];

/// Orders, which `crm.item.*` does not know.
pub(super) const ORDER: i64 = 14;

/// What user-made types are called, with their number behind.
const DYNAMIC: &str = "dynamic_";

/// The first number of a user-made type.
const FIRST_DYNAMIC: i64 = 128;

/// The number of a type such as `deal` or `dynamic_128`.
pub(super) fn type_id(name: &str) -> Option<i64> {
    let named = TYPES.iter().find(|(known, _)| *known == name);
    let dynamic = || name.strip_prefix(DYNAMIC)?.parse().ok();
    named
        .map(|(_, id)| *id)
        .or_else(|| dynamic().filter(|id| *id >= FIRST_DYNAMIC))
}

/// The name of a type by its number, if there is such a type.
pub(super) fn type_name(id: i64) -> Option<String> {
    let named = TYPES.iter().find(|(_, known)| *known == id);
    named
        .map(|(name, _)| (*name).to_owned())
        .or_else(|| (id >= FIRST_DYNAMIC).then(|| format!("{DYNAMIC}{id}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_lead_to_each_other() {
        for name in ["lead", "order", "smart_invoice", "dynamic_128"] {
            assert_eq!(type_name(type_id(name).unwrap()).unwrap(), name);
        }
        for name in [
            "",
            "Deal",
            "2",
            "dynamic_",
            "dynamic_5",
            "dynamic_x",
            "user",
        ] {
            assert_eq!(type_id(name), None, "{name}");
        }
        for id in [0, -1, 5, 127] {
            assert_eq!(type_name(id), None, "{id}");
        }
    }
}
