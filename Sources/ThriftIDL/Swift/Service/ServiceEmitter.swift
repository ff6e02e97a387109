/// Writes a service: its methods, both sides of a server, its client.
struct ServiceEmitter {
    let context: ServiceScope

    func emit(to out: inout SourceWriter) {
        // A service without a method can only be a base.
        if !context.service.all.isEmpty {
            MethodsEmitter(context: context).emitEnumeration(to: &out)
            out.space()
            MethodsEmitter(context: context).emitDescriptors(to: &out)
            out.space()
        }
        HandlerEmitter(context: context).emit(to: &out)
        out.space()
        AsyncEmitter(context: context).emit(to: &out)
        guard !context.service.all.isEmpty else { return }
        out.space()
        ClientEmitter(context: context).emit(to: &out)
    }
}
