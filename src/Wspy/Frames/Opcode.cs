namespace Wspy;

/// <summary>What a frame carries (RFC 6455 §5.2). Values not named here, 0x3–0x7 and 0xB–0xF, are reserved.</summary>
public enum Opcode : byte
{
    /// <summary>A further fragment of the message begun before it.</summary>
    Continuation = 0x0,

    /// <summary>UTF-8 text, whole or the first fragment of it (§5.6).</summary>
    Text = 0x1,

    /// <summary>Bytes, whole or the first fragment of them (§5.6).</summary>
    Binary = 0x2,

    /// <summary>The closing handshake (§5.5.1).</summary>
    Close = 0x8,

    /// <summary>A question that the peer must answer with <see cref="Pong"/> (§5.5.2).</summary>
    Ping = 0x9,

    /// <summary>The answer to a ping, or an unsolicited heartbeat (§5.5.3).</summary>
    Pong = 0xA,
}

/// <summary>The classes of opcodes (RFC 6455 §5.2).</summary>
public static class OpcodeExtensions
{
    /// <summary>Whether the opcode belongs to a control frame: its highest bit is set (§5.5).</summary>
    public static bool IsControl(this Opcode opcode) => ((byte)opcode & 0x8) != 0;

    /// <summary>Whether RFC 6455 leaves the opcode undefined: 0x3–0x7 and 0xB–0xF.</summary>
    // One bit for each defined opcode: 0, 1, 2, 8, 9 and 10.
    public static bool IsReserved(this Opcode opcode) => (0b0000_0111_0000_0111 >> ((byte)opcode & 0xF) & 1) == 0;
}
