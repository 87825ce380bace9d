namespace Wspy.Conformance.Deflate;

/// <summary>How a message is compressed: every choice that RFC 1951 and RFC 7692 leave to the sender.</summary>
internal sealed record DeflatePlan
{
    /// <summary>One dynamic block, and references to earlier messages where that is agreed on.</summary>
    public static DeflatePlan Default { get; } = new();

    /// <summary>The kinds of blocks, in turn.</summary>
    public IReadOnlyList<BlockKind> Kinds { get; init; } = [BlockKind.Dynamic];

    /// <summary>How many bytes of the message a block carries.</summary>
    public int BlockSize { get; init; } = int.MaxValue;

    /// <summary>How many empty stored blocks follow each block but the last, as a flush leaves them.</summary>
    public int Flushes { get; init; }

    /// <summary>Whether each block but the last is followed by an empty block with the fixed code, as a partial flush leaves it.</summary>
    public bool PartialFlush { get; init; }

    /// <summary>Whether the last block says BFINAL (RFC 7692 §7.2.3.4).</summary>
    public bool Final { get; init; }

    /// <summary>Whether every block says BFINAL.</summary>
    public bool EachFinal { get; init; }

    /// <summary>Whether earlier messages are referred to, if that is agreed on.</summary>
    public bool RefersBack { get; init; } = true;

    /// <summary>Whether each block refers to nothing outside it.</summary>
    public bool Isolated { get; init; }

    /// <summary>A window to compress with that is smaller than what was agreed on.</summary>
    public int WindowBits { get; init; } = 15;

    /// <summary>Whether the largest window is used, whatever was agreed on.</summary>
    public bool IgnoresWindow { get; init; }

    /// <summary>The level of zlib, which then compresses in place of the suite; 0 to 9.</summary>
    public int? Level { get; init; }

    public override string ToString()
    {
        if (Level is { } level)
        {
            return $"by zlib at level {level}{(Final ? " with BFINAL" : "")}";
        }

        string text = $"in {string.Join(" and ", Kinds.Select(kind => kind.ToString().ToLowerInvariant()))} blocks{(BlockSize == int.MaxValue ? "" : $" of {BlockSize:N0} bytes")}";
        text += Flushes switch { 0 => "", 1 => ", flushed after each", _ => $", flushed {Flushes} times after each" };
        text += PartialFlush ? ", partially flushed after each" : "";
        text += EachFinal ? ", BFINAL on each" : Final ? ", BFINAL on the last" : "";
        text += RefersBack ? "" : ", without reference to earlier messages";
        text += Isolated ? ", each by itself" : "";
        text += IgnoresWindow ? ", beyond the window" : "";
        return WindowBits < 15 ? $"{text}, with a window of {WindowBits} bits" : text;
    }
}
