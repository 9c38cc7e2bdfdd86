//! `WebAssembly.Table`.

use rquickjs::{Ctx, Exception, JsLifetime, Result, Value, class::Trace};
use wasmi::{RefType, Table, TableType, Val};

use super::state::{LARGEST_TABLE, state};
use super::value::{key, to_js, to_ref};

/// What a `WebAssembly.Table` wraps.
#[derive(Clone, Trace, JsLifetime)]
#[rquickjs::class]
pub struct WasmTable {
    #[qjs(skip_trace)]
    pub table: Table,
    #[qjs(skip_trace)]
    element: RefType,
}

impl WasmTable {
    pub fn of(table: Table, ty: TableType) -> Self {
        WasmTable { table, element: ty.element() }
    }
}

#[rquickjs::methods]
impl WasmTable {
    #[qjs(constructor)]
    fn new<'js>(ctx: Ctx<'js>, element: String, initial: u32, maximum: Option<u32>, init: Value<'js>) -> Result<Self> {
        let state = state(&ctx)?;
        let element = if element == "externref" { RefType::Extern } else { RefType::Func };
        let init = to_ref(&ctx, &state, init, element)?;
        let made = match initial <= LARGEST_TABLE {
            true => state.with_store(|store| Table::new(store, TableType::new(element, initial, maximum), init)).ok(),
            false => None,
        };
        match made {
            Some(table) => Ok(WasmTable { table, element }),
            None => Err(Exception::throw_range(&ctx, "WebAssembly.Table(): could not allocate the table")),
        }
    }

    /// Exact: neither half of the number comes near to 2²¹.
    fn key(&self) -> f64 {
        key(self.table) as f64
    }

    fn element(&self) -> &'static str {
        match self.element {
            RefType::Func => "anyfunc",
            RefType::Extern => "externref",
        }
    }

    fn length(&self, ctx: Ctx<'_>) -> Result<u32> {
        let length = state(&ctx)?.with_store(|store| self.table.size(&*store));
        Ok(u32::try_from(length).unwrap_or(u32::MAX))
    }

    fn get<'js>(&self, ctx: Ctx<'js>, index: u32) -> Result<Value<'js>> {
        let state = state(&ctx)?;
        match state.with_store(|store| self.table.get(&*store, index.into())) {
            Some(found) => to_js(&ctx, &state, &Val::from(found)),
            None => Err(Exception::throw_range(&ctx, "WebAssembly.Table.get(): invalid address")),
        }
    }

    fn set<'js>(&self, ctx: Ctx<'js>, index: u32, value: Value<'js>) -> Result<()> {
        let state = state(&ctx)?;
        let value = to_ref(&ctx, &state, value, self.element)?;
        match state.with_store(|store| self.table.set(store, index.into(), value)) {
            Ok(()) => Ok(()),
            Err(_) => Err(Exception::throw_range(&ctx, "WebAssembly.Table.set(): invalid address")),
        }
    }

    fn grow<'js>(&self, ctx: Ctx<'js>, by: u32, init: Value<'js>) -> Result<u32> {
        let state = state(&ctx)?;
        let init = to_ref(&ctx, &state, init, self.element)?;
        match state.with_store(|store| self.table.grow(store, by.into(), init)) {
            Ok(before) => Ok(u32::try_from(before).unwrap_or(u32::MAX)),
            Err(_) => Err(Exception::throw_range(&ctx, "WebAssembly.Table.grow(): failed to grow table")),
        }
    }
}
