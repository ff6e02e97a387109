//! The engine's `Durability` under a name that does not clash with the API's. This file imports the engine alone, so that
//! the plain name means the engine's here.

package import StorageEngine

package typealias EngineLevel = Durability
