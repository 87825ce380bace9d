namespace Wspy.Tool.Bench.Load;

/// <summary>What the messages consist of.</summary>
internal enum PayloadKind
{
    /// <summary>Text of letters, one byte each.</summary>
    Text,

    /// <summary>Text of characters of three bytes each: a server that judges UTF-8 has the more to do.</summary>
    Utf8,

    /// <summary>Binary messages of random bytes.</summary>
    Binary,
}
