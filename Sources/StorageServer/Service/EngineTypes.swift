//! The engine's enumerations under names that do not clash with the API's of the same name. This file imports the engine
//! alone, so that the plain names mean the engine's here.

package import StorageEngine

package typealias EngineDurability = Durability
package typealias EngineKeyStatus = KeyStatus
