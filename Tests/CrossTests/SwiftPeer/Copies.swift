//! Structs made of what was lent: the views' fields one by one, so that each is seen to be right.

internal import NIOCore
internal import NeedletailWire

extension ByteBuffer {
    init(copying span: RawSpan) {
        self.init()
        writeBytes(span)
    }
}

private func copied(_ span: UTF8Span?) -> String? { if let span { String(copying: span) } else { nil } }

private func copied(_ span: RawSpan?) -> ByteBuffer? { if let span { ByteBuffer(copying: span) } else { nil } }

extension Point {
    init(_ view: borrowing View) { self.init(x: view.x, y: view.y) }

    init?(_ view: View?) {
        guard let view else { return nil }
        self.init(view)
    }
}

extension Scalars {
    init(_ view: borrowing View) {
        self.init(
            flag: view.flag, tiny: view.tiny, small: view.small, medium: view.medium, large: view.large,
            real: view.real, text: String(copying: view.text), bytes: ByteBuffer(copying: view.bytes),
            color: view.color, octet: view.octet, moment: view.moment, paint: view.paint)
    }
}

extension Booleans {
    init(_ view: borrowing View) {
        self.init(
            first: view.first, second: view.second, third: view.third, far: view.far, between: view.between,
            last: view.last)
    }
}

extension Lists {
    init(_ view: borrowing View) {
        self.init(
            flags: view.flags, tinies: view.tinies, smalls: view.smalls, mediums: view.mediums, larges: view.larges,
            reals: view.reals, texts: view.texts, blobs: view.blobs, colors: view.colors, points: view.points,
            empties: view.empties, choices: view.choices, rows: view.rows, groups: view.groups, tables: view.tables)
    }
}

extension Sets {
    init(_ view: borrowing View) {
        self.init(
            flags: view.flags, tinies: view.tinies, smalls: view.smalls, mediums: view.mediums, larges: view.larges,
            reals: view.reals, texts: view.texts, blobs: view.blobs, colors: view.colors, points: view.points,
            rows: view.rows)
    }
}

extension Maps {
    init(_ view: borrowing View) {
        self.init(
            flags: view.flags, tinies: view.tinies, smalls: view.smalls, mediums: view.mediums, larges: view.larges,
            reals: view.reals, texts: view.texts, blobs: view.blobs, colors: view.colors, names: view.names,
            points: view.points, deep: view.deep, deeper: view.deeper, paths: view.paths, choices: view.choices,
            counts: view.counts)
    }
}

extension Tree {
    init(_ view: borrowing View) {
        self.init(name: String(copying: view.name), children: view.children, named: view.named)
    }
}

extension Chain {
    init(_ view: borrowing View) { self.init(number: view.number, rest: view.rest) }
}

extension Folder {
    init(_ view: borrowing View) { self.init(name: String(copying: view.name), items: view.items) }
}

extension Gaps {
    init(_ view: borrowing View) {
        self.init(
            first: view.first, sixteenth: view.sixteenth, seventeenth: view.seventeenth, thirtyThird: view.thirtyThird,
            last: String(copying: view.last), middle: String(copying: view.middle), flag: view.flag,
            lastButOne: view.lastButOne)
    }
}

extension Implicit {
    init(_ view: borrowing View) {
        self.init(first: String(copying: view.first), second: view.second, third: view.third)
    }
}

extension Requiredness {
    init(_ view: borrowing View) {
        self.init(
            requiredNumber: view.requiredNumber, requiredText: String(copying: view.requiredText),
            requiredColor: view.requiredColor, requiredList: view.requiredList,
            requiredPoint: Point(view.requiredPoint), optionalNumber: view.optionalNumber,
            optionalText: copied(view.optionalText), optionalColor: view.optionalColor, optionalList: view.optionalList,
            optionalPoint: Point(view.optionalPoint), optionalFlag: view.optionalFlag,
            optionalChoice: view.optionalChoice, optionalMap: view.optionalMap,
            optionalBytes: copied(view.optionalBytes), optionalReal: view.optionalReal, number: view.number,
            text: String(copying: view.text))
    }
}

extension Names {
    init(_ view: borrowing View) {
        self.init(
            init_: view.init_, let: view.let, guard: view.guard, reader: view.reader, writer: view.writer,
            scope: view.scope, field: view.field, hash_: view.hash_, description: view.description,
            snakeCaseName: view.snakeCaseName, capital: view.capital, type: view.type, encode_: view.encode_,
            wireFields_: view.wireFields_)
    }
}

extension Everything {
    init(_ view: borrowing View) {
        self.init(choices: view.choices)
        if let part = view.scalars { scalars = Scalars(part) }
        if let part = view.booleans { booleans = Booleans(part) }
        if let part = view.lists { lists = Lists(part) }
        if let part = view.sets { sets = Sets(part) }
        if let part = view.maps { maps = Maps(part) }
        if let part = view.tree { tree = Tree(part) }
        if let part = view.gaps { gaps = Gaps(part) }
        if let part = view.requiredness { requiredness = Requiredness(part) }
        if view.empty != nil { empty = Empty() }
        if let part = view.implicit { implicit = Implicit(part) }
        if let part = view.names { names = Names(part) }
    }
}

extension Defaults {
    init(_ view: borrowing View) {
        self.init(
            flag: view.flag, tiny: view.tiny, small: view.small, medium: view.medium, large: view.large,
            real: view.real, whole: view.whole, text: view.text,
            bytes: view.bytes, color: view.color, numbers: view.numbers, words: view.words,
            table: view.table, point: view.point, none: view.none,
            constantText: view.constantText,
            points: view.points, moment: view.moment, paint: view.paint, requiredNumber: view.requiredNumber,
            requiredText: String(copying: view.requiredText), optionalNumber: view.optionalNumber,
            optionalText: view.optionalText, optionalFlag: view.optionalFlag,
            optionalList: view.optionalList, optionalColor: view.optionalColor, nested: view.nested)
    }
}

extension FirstRecord {
    init(_ view: borrowing View) {
        self.init(
            number: view.number, name: copied(view.name), choice: view.choice, retyped: view.retyped, paint: view.paint,
            parts: view.parts)
    }
}

extension SecondRecord {
    init(_ view: borrowing View) {
        self.init(
            number: view.number, places: view.places, name: copied(view.name), flag: view.flag, choice: view.choice,
            real: view.real, retyped: copied(view.retyped), bytes: copied(view.bytes), paint: view.paint,
            tiny: view.tiny, small: view.small, large: view.large, numbers: view.numbers, flags: view.flags,
            map64: view.map64, emptyMap: view.emptyMap, parts: view.parts, no: view.no, boxes: view.boxes)
        if let part = view.everything { everything = Everything(part) }
    }
}

extension Identified {
    init(_ view: borrowing View) {
        self.init(id: view.id, parent: view.parent, children: view.children, names: view.names, seen: view.seen)
    }
}
