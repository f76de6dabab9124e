//! Where a record or a user is shown on the portal (bitrix24-rest.md §13.2).

use crate::post::EntityKind;

/// The address of a record's page.
pub fn of_entity(portal: &str, kind: EntityKind, id: u64) -> String {
    let path = match kind {
        EntityKind::Lead | EntityKind::Deal | EntityKind::Contact | EntityKind::Company => {
            format!("crm/{kind}/details/{id}")
        }
        EntityKind::Order => format!("shop/orders/details/{id}"),
        EntityKind::Quote | EntityKind::SmartInvoice | EntityKind::Dynamic(_) => {
            format!("crm/type/{}/details/{id}", kind.id())
        }
    };
    format!("{portal}/{path}/")
}

/// The address of a user's page.
pub fn of_user(portal: &str, id: u64) -> String {
    format!("{portal}/company/personal/user/{id}/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_has_its_page() {
        for (kind, page) in [
            (EntityKind::Company, "https://p/crm/company/details/5/"),
            (EntityKind::SmartInvoice, "https://p/crm/type/31/details/5/"),
            (
                EntityKind::Dynamic(131),
                "https://p/crm/type/131/details/5/",
            ),
            (EntityKind::Order, "https://p/shop/orders/details/5/"),
        ] {
            assert_eq!(of_entity("https://p", kind, 5), page);
        }
        assert_eq!(
            of_user("https://p", 5),
            "https://p/company/personal/user/5/"
        );
    }
}
