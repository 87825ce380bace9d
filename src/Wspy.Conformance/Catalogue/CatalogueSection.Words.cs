using Wspy.Conformance.Steps;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Catalogue;

/// <summary>The words that scripts are written in: what is sent, and what is expected.</summary>
internal abstract partial class CatalogueSection
{
    protected static WireFrame Text(Payload payload) => new(Opcode.Text, payload);

    protected static WireFrame Binary(Payload payload) => new(Opcode.Binary, payload);

    protected static WireFrame Continuation(Payload payload) => new(Opcode.Continuation, payload);

    protected static WireFrame Ping(Payload payload) => new(Opcode.Ping, payload);

    protected static WireFrame Pong(Payload payload) => new(Opcode.Pong, payload);

    /// <summary>A Close frame with a code and bytes for a reason.</summary>
    protected static WireFrame Close(int code, Payload? reason = null) => new(Opcode.Close, (byte[])[(byte)(code >> 8), (byte)code, .. reason?.ToArray() ?? []]);

    /// <summary>A Close frame with any payload.</summary>
    protected static WireFrame CloseWith(Payload payload) => new(Opcode.Close, payload);

    protected static WireFrame Frame(int opcode, Payload payload) => new((Opcode)opcode, payload);

    protected static RawBytes Raw(params byte[] bytes) => new(bytes);

    protected static RawBytes Raw(string ascii) => new(ascii);

    protected static Expectation IsText(Payload payload) => new MessageIs(Opcode.Text, payload);

    protected static Expectation IsBinary(Payload payload) => new MessageIs(Opcode.Binary, payload);

    protected static Expectation IsPong(Payload payload) => new PongIs(payload);

    /// <summary>A Close frame with one of these codes; without any, each well-formed one.</summary>
    protected static Expectation IsClose(params int[] codes) => new CloseIs(codes);

    /// <summary>The connection fails with one of these codes; ends the script.</summary>
    protected static Expectation IsFailure(params int[] codes) => new FailureIs(codes);

    protected static Expectation IsEnd => new EndIs();

    /// <summary>Splits a payload into frames of a message: of the opcode first, then continuations, the last one with FIN.</summary>
    protected static WireFrame[] Fragments(Opcode opcode, Payload payload, int size)
    {
        int count = Math.Max(1, (payload.Length + size - 1) / size);
        return [.. Enumerable.Range(0, count).Select(i =>
            new WireFrame(i == 0 ? opcode : Opcode.Continuation, payload.Slice(i * size, Math.Min(size, payload.Length - (i * size)))) { Fin = i == count - 1 })];
    }
}
