//! `structuredClone` of plain data: objects, arrays and primitives, shared and circular ones too.
//!
//! ## Why
//!
//! Most of what is cloned is plain data, and walking it in JavaScript costs some ten times what it costs here. Nothing
//! here runs JavaScript: a getter, a proxy or an object of any other kind ends the walk, and the prelude, which knows
//! what the standard says of those, starts anew.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ptr;

use rquickjs::{Array, Ctx, Function, Object, Result, Value, qjs};

/// Addresses are spread well enough by one multiplication.
#[derive(Default)]
struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_usize(usize::from(byte));
        }
    }
    fn write_usize(&mut self, address: usize) {
        self.0 = (self.0 ^ address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// The own enumerable string keys of one object, freed when dropped.
struct Keys<'js> {
    ctx: Ctx<'js>,
    table: *mut qjs::JSPropertyEnum,
    length: u32,
}

impl<'js> Keys<'js> {
    fn of(ctx: &Ctx<'js>, object: &Value<'js>) -> Result<Self> {
        let mut keys = Keys { ctx: ctx.clone(), table: ptr::null_mut(), length: 0 };
        let flags = (qjs::JS_GPN_STRING_MASK | qjs::JS_GPN_ENUM_ONLY) as i32;
        // SAFETY: the context is alive and the out-pointers are only written.
        let status = unsafe {
            let context = ctx.as_raw().as_ptr();
            qjs::JS_GetOwnPropertyNames(context, &mut keys.table, &mut keys.length, object.as_raw(), flags)
        };
        match status {
            0 => Ok(keys),
            _ => Err(rquickjs::Error::Exception),
        }
    }

    fn get(&self, index: u32) -> Option<qjs::JSAtom> {
        // SAFETY: the table has `length` entries, which live as long as `self`.
        (index < self.length).then(|| unsafe { (*self.table.add(index as usize)).atom })
    }
}

impl Drop for Keys<'_> {
    fn drop(&mut self) {
        // SAFETY: the engine allocated the table for us.
        unsafe { qjs::JS_FreePropertyEnum(self.ctx.as_raw().as_ptr(), self.table, self.length) };
    }
}

/// An object whose properties are being copied.
struct Frame<'js> {
    source: Value<'js>,
    copy: Value<'js>,
    keys: Keys<'js>,
    next: u32,
}

struct Cloner<'js> {
    ctx: Ctx<'js>,
    object_class: qjs::JSClassID,
    object_prototype: usize,
    copies: HashMap<usize, Value<'js>, BuildHasherDefault<AddressHasher>>,
    stack: Vec<Frame<'js>>,
}

fn address(value: &Value<'_>) -> usize {
    // SAFETY: only called for objects, whose value is a pointer.
    unsafe { qjs::JS_VALUE_GET_PTR(value.as_raw()) as usize }
}

impl<'js> Cloner<'js> {
    fn new(ctx: &Ctx<'js>) -> Result<Self> {
        let plain = Object::new(ctx.clone())?.into_value();
        // SAFETY: the value is an object.
        let object_class = unsafe { qjs::JS_GetClassID(plain.as_raw()) };
        let prototype = plain.as_object().and_then(Object::get_prototype);
        Ok(Cloner {
            ctx: ctx.clone(),
            object_class,
            object_prototype: prototype.map_or(0, |prototype| address(prototype.as_value())),
            copies: HashMap::default(),
            stack: Vec::new(),
        })
    }

    /// An empty copy of a plain object or array; none for anything else.
    fn begin(&mut self, source: &Value<'js>) -> Result<Option<Value<'js>>> {
        let copy = if source.is_array() {
            Array::new(self.ctx.clone())?.into_value()
        } else {
            // SAFETY: the value is an object.
            let is_object = unsafe { qjs::JS_GetClassID(source.as_raw()) } == self.object_class;
            let is_plain = || match source.as_object().and_then(Object::get_prototype) {
                Some(prototype) => address(prototype.as_value()) == self.object_prototype,
                None => true,
            };
            if !is_object || !is_plain() {
                return Ok(None);
            }
            Object::new(self.ctx.clone())?.into_value()
        };
        let keys = Keys::of(&self.ctx, source)?;
        self.copies.insert(address(source), copy.clone());
        self.stack.push(Frame { source: source.clone(), copy: copy.clone(), keys, next: 0 });
        Ok(Some(copy))
    }

    fn copy_of(&mut self, value: Value<'js>) -> Result<Option<Value<'js>>> {
        if value.is_symbol() {
            return Ok(None);
        }
        if !value.is_object() {
            return Ok(Some(value));
        }
        if let Some(copy) = self.copies.get(&address(&value)) {
            return Ok(Some(copy.clone()));
        }
        self.begin(&value)
    }

    /// The value of a data property; none for a getter.
    fn read(&self, source: &Value<'js>, key: qjs::JSAtom) -> Result<Option<Value<'js>>> {
        let mut property = qjs::JSPropertyDescriptor {
            flags: 0,
            value: qjs::JS_UNDEFINED,
            getter: qjs::JS_UNDEFINED,
            setter: qjs::JS_UNDEFINED,
        };
        // SAFETY: what is found is owned by us from here on.
        unsafe {
            let context = self.ctx.as_raw().as_ptr();
            if qjs::JS_GetOwnProperty(context, &mut property, source.as_raw(), key) < 0 {
                return Err(rquickjs::Error::Exception);
            }
            let parts =
                [property.value, property.getter, property.setter].map(|part| Value::from_raw(self.ctx.clone(), part));
            let [value, ..] = parts;
            Ok((property.flags & qjs::JS_PROP_GETSET as i32 == 0).then_some(value))
        }
    }

    fn define(&self, copy: &Value<'js>, key: qjs::JSAtom, value: Value<'js>) -> Result<()> {
        // SAFETY: the value is given away, as this function wants it.
        let status = unsafe {
            let value = qjs::JS_DupValue(self.ctx.as_raw().as_ptr(), value.as_raw());
            let flags = qjs::JS_PROP_C_W_E as i32;
            qjs::JS_DefinePropertyValue(self.ctx.as_raw().as_ptr(), copy.as_raw(), key, value, flags)
        };
        if status < 0 { Err(rquickjs::Error::Exception) } else { Ok(()) }
    }

    /// An array may end in holes.
    fn finish(&self, frame: &Frame<'js>) -> Result<()> {
        if let (Some(source), Some(copy)) = (frame.source.as_array(), frame.copy.as_array())
            && source.len() != copy.len()
        {
            copy.as_object().set("length", source.len())?;
        }
        Ok(())
    }

    fn run(mut self, value: Value<'js>) -> Result<Option<Value<'js>>> {
        let Some(result) = self.copy_of(value)? else { return Ok(None) };
        while let Some(mut frame) = self.stack.pop() {
            let depth = self.stack.len();
            while let Some(key) = frame.keys.get(frame.next) {
                frame.next += 1;
                let Some(value) = self.read(&frame.source, key)? else { return Ok(None) };
                let Some(value) = self.copy_of(value)? else { return Ok(None) };
                self.define(&frame.copy, key, value)?;
                if self.stack.len() > depth {
                    break;
                }
            }
            match frame.keys.get(frame.next) {
                // below the object that was found, which is copied first
                Some(_) => self.stack.insert(depth, frame),
                None => self.finish(&frame)?,
            }
        }
        Ok(Some(result))
    }
}

/// The clone of plain data; undefined for what is not, and for `undefined`.
fn clone_data<'js>(ctx: Ctx<'js>, value: Value<'js>) -> Result<Option<Value<'js>>> {
    Cloner::new(&ctx)?.run(value)
}

/// What kind of object the engine made a value as, whatever its prototype says now. `object` are ordinary objects,
/// instances of classes among them; `other` is what has state of its own.
fn kind_of(value: Value<'_>) -> &'static str {
    if !value.is_object() {
        return "primitive";
    }
    let raw = value.as_raw();
    // SAFETY: these only look at the value.
    unsafe {
        match () {
            () if qjs::JS_IsArray(raw) => "array",
            () if qjs::JS_IsDate(raw) => "date",
            () if qjs::JS_IsRegExp(raw) => "regexp",
            () if qjs::JS_IsMap(raw) => "map",
            () if qjs::JS_IsSet(raw) => "set",
            () if qjs::JS_IsError(raw) => "error",
            () if qjs::JS_IsArrayBuffer(raw) => "buffer",
            () if qjs::JS_IsDataView(raw) || qjs::JS_GetTypedArrayType(raw) >= 0 => "view",
            () if Object::new(value.ctx().clone())
                .is_ok_and(|plain| qjs::JS_GetClassID(plain.as_raw()) == qjs::JS_GetClassID(raw)) =>
            {
                "object"
            }
            () => "other",
        }
    }
}

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    native.set("kindOf", Function::new(ctx.clone(), kind_of)?)?;
    native.set("cloneData", Function::new(ctx.clone(), clone_data)?)
}
