//! All products of a platform.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::Product;
use crate::simulated::autopilot::Autopilot;
use crate::state::{Collection, Entity, Table};

/// The model series: what can stand for a product id at a registration. Absent members agree
/// with everything.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Series<'a> {
    pub(crate) model: &'a str,
    pub(crate) manufacturer_id: Option<&'a str>,
    pub(crate) manufacturer_name: Option<&'a str>,
    pub(crate) device_type: Option<&'a str>,
    pub(crate) protocol: Option<&'a str>,
}

impl<'a> Series<'a> {
    /// The whole series of a product.
    pub(crate) fn of(product: &'a Product) -> Self {
        Self {
            model: &product.model,
            manufacturer_id: Some(&product.manufacturer_id),
            manufacturer_name: Some(&product.manufacturer_name),
            device_type: Some(&product.device_type),
            protocol: Some(&product.protocol),
        }
    }

    fn names(&self, product: &Product) -> bool {
        let agrees = |given: Option<&str>, has: &str| given.is_none_or(|given| given == has);
        self.model == product.model
            && agrees(self.manufacturer_id, &product.manufacturer_id)
            && agrees(self.manufacturer_name, &product.manufacturer_name)
            && agrees(self.device_type, &product.device_type)
            && agrees(self.protocol, &product.protocol)
    }
}

impl Entity for Product {
    fn key(&self) -> &Arc<str> {
        &self.id
    }
}

/// All products of a platform.
#[derive(Debug, Default)]
pub(crate) struct Products {
    by_id: Table<Product>,
    /// Ids in the order in which the products came.
    by_application: BTreeMap<Arc<str>, Vec<Arc<str>>>,
    /// Ids in the order in which the products came.
    by_model: HashMap<String, Vec<Arc<str>>>,
}

impl Collection for Products {
    type Item = Product;
    const SECTION: &'static str = "products";

    fn table(&mut self) -> &mut Table<Product> {
        &mut self.by_id
    }

    fn rows(&self) -> &Table<Product> {
        &self.by_id
    }

    fn restored(rows: Table<Product>) -> Result<Self, String> {
        let mut all = Self::default();
        rows.in_order().into_iter().for_each(|(_, row)| all.index(row));
        all.by_id = rows;
        Ok(all)
    }
}

impl Products {
    /// Adds a product, or replaces the one of the same id.
    pub(crate) fn add(&mut self, product: Product) {
        let id = Arc::clone(&product.id);
        match self.by_id.get(&id) {
            Some(earlier) if earlier.application == product.application && earlier.model == product.model => {}
            earlier => {
                if earlier.is_some() {
                    self.remove(&id);
                }
                self.index(&product);
            }
        }
        self.by_id.insert(product);
    }

    fn index(&mut self, product: &Product) {
        let id = &product.id;
        self.by_application.entry(Arc::clone(&product.application)).or_default().push(Arc::clone(id));
        self.by_model.entry(product.model.clone()).or_default().push(Arc::clone(id));
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Product> {
        self.by_id.get(id)
    }

    /// Puts the product's simulated devices on autopilot, or has them driven by hand; false if there is
    /// no such product.
    pub(crate) fn set_autopilot(&mut self, id: &str, autopilot: Option<Autopilot>) -> bool {
        let Some(product) = self.by_id.get_mut(id) else { return false };
        product.autopilot = autopilot;
        true
    }

    /// Removes what an application has.
    pub(crate) fn remove_of(&mut self, application: &str) {
        for id in self.by_application.get(application).cloned().unwrap_or_default() {
            self.remove(&id);
        }
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<Product> {
        let product = self.by_id.remove(id)?;
        if let Some(ids) = self.by_application.get_mut(&product.application) {
            ids.retain(|other| &**other != id);
            if ids.is_empty() {
                self.by_application.remove(&product.application);
            }
        }
        if let Some(ids) = self.by_model.get_mut(&product.model) {
            ids.retain(|other| &**other != id);
            if ids.is_empty() {
                self.by_model.remove(&product.model);
            }
        }
        Some(product)
    }

    /// The products of an application, oldest first.
    pub(crate) fn of_application(&self, application: &str) -> impl Iterator<Item = &Product> {
        self.by_application.get(application).into_iter().flatten().filter_map(|id| self.by_id.get(id))
    }

    /// All products, by application, oldest first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Product> {
        self.by_application.values().flatten().filter_map(|id| self.by_id.get(id))
    }

    /// The application's oldest product that a series names, if it names one.
    pub(crate) fn of_series(&self, application: &str, series: &Series<'_>) -> Option<&Product> {
        let of_model = self.by_model.get(series.model).into_iter().flatten().filter_map(|id| self.by_id.get(id));
        of_model.into_iter().find(|product| &*product.application == application && series.names(product))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn light(id: &str, application: &str) -> Product {
        Product::built_in(id.into(), application.into())
    }

    #[test]
    fn the_indexes_follow_every_change() {
        let mut products = Products::default();
        products.add(light("1", "a"));
        products.add(light("2", "a"));
        products.add(light("3", "b"));
        let ids = |products: &Products| products.of_application("a").map(|p| p.id.to_string()).collect::<Vec<_>>();
        assert_eq!(ids(&products), ["1", "2"]);
        let series =
            |model| Series { model, manufacturer_id: None, manufacturer_name: None, device_type: None, protocol: None };
        let named = |products: &Products, model| products.of_series("a", &series(model)).map(|p| p.id.to_string());
        assert_eq!(named(&products, "L1").as_deref(), Some("1"), "the oldest");
        products.add(Product { model: "L2".to_owned(), ..light("1", "a") });
        assert_eq!(named(&products, "L1").as_deref(), Some("2"));
        assert_eq!(named(&products, "L2").as_deref(), Some("1"));
        assert!(products.remove("2").is_some() && products.remove("2").is_none());
        assert_eq!(named(&products, "L1"), None);
        assert_eq!(ids(&products), ["1"]);
        assert!(products.find("3").is_some());
    }
}
