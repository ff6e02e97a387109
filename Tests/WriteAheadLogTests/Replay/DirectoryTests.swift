import LogSimulation
import Testing
import WriteAheadLog

@Suite struct DirectoryTests {
    @Test func anEmptyDirectoryBecomesADataDirectory() throws {
        let storage = SimulatedLogStorage()
        let id = try LogDirectory.open(storage).id
        let text = String(decoding: storage.disk.contents("FORMAT") ?? [], as: UTF8.self)
        #expect(text.hasPrefix("needletail-data 1 ") && text.utf8.count == 35)
        #expect(try LogDirectory.open(storage).id == id)
    }

    @Test func theSecondProcessIsRefused() throws {
        let storage = SimulatedLogStorage()
        let first = try LogDirectory.open(storage)
        #expect(throws: LogOpenError.inUse(path: storage.path)) { try LogDirectory.open(storage) }
        withExtendedLifetime(first) {}
        _ = consume first
        #expect(throws: Never.self) { try LogDirectory.open(storage) }
    }

    @Test func aDirectoryOfSomethingElseIsLeftAlone() throws {
        let storage = SimulatedLogStorage()
        storage.disk.setContents("holiday.jpg", [1, 2, 3])
        #expect(throws: LogOpenError.notADataDirectory(path: storage.path, found: ["holiday.jpg"])) {
            try LogDirectory.open(storage)
        }
        #expect(storage.disk.names == ["holiday.jpg"])
    }

    @Test func segmentsWithoutAFormatAreNotADataDirectory() throws {
        let run = try LogRun()
        let storage = run.killed()
        try storage.remove("FORMAT")
        #expect(throws: LogOpenError.self) { try LogDirectory.open(storage) }
    }

    @Test func anotherVersionIsRefusedWithWhatToDo() throws {
        let storage = SimulatedLogStorage()
        storage.disk.setContents("FORMAT", bytes("needletail-data 2 something new\n"))
        let error = #expect(throws: LogOpenError.self) { try LogDirectory.open(storage) }
        #expect(error == .otherVersion(path: storage.path, version: "2"))
        #expect(error?.description.contains("Start it with the needletail that wrote it") == true)
    }

    @Test(arguments: [
        "", "\n", "needletail-data 1 00000000000000f\n", "needletail-data 1 000000000000000g\n",
        "needletail-data 1 00000000000000ff", "needletail-data x 00000000000000ff\n", "needletail 1 00000000000000ff\n",
    ])
    func aFormatThatCannotBeReadIsRefused(text: String) throws {
        let storage = SimulatedLogStorage()
        storage.disk.setContents("FORMAT", bytes(text))
        #expect(throws: LogOpenError.unreadableFormat(path: storage.path)) { try LogDirectory.open(storage) }
    }

    @Test func whatAnEarlierProcessLeftUnfinishedGoes() throws {
        let run = try LogRun()
        let storage = run.killed()
        storage.disk.setContents("00000000000000000007.snapshot.tmp", [1])
        storage.disk.setContents("spare-3.log", [1])
        storage.disk.setContents("notes.txt", [1])
        _ = try LogDirectory.open(storage)
        #expect(storage.disk.names == ["00000000000000000001.log", "FORMAT", "LOCK", "notes.txt"])
    }

    @Test func aCrashAtTheFirstStartLeavesADirectoryThatOpens() throws {
        var generator = SimulationGenerator(seed: 3)
        for call in 1...6 {
            for operation in [LogStorageError.Operation.create, .write, .sync, .rename, .syncDirectory, .lock] {
                let storage = SimulatedLogStorage()
                storage.plan(.failure(code: SimulatedFaults.ioError), operation, call: call)
                _ = try? LogDirectory.open(storage)
                #expect(throws: Never.self) { try LogDirectory.open(storage.crashed(&generator)) }
            }
        }
    }
}
