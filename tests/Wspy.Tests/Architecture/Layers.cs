namespace Wspy.Tests.Architecture;

/// <summary>The layers of src/Wspy. A folder may name its own step and the steps before it.</summary>
internal static class Layers
{
    /// <summary>The layer of the files that lie directly in src/Wspy.</summary>
    public const string Root = "(root)";

    /// <summary>The last step that does no I/O and knows neither threads nor clocks.</summary>
    public const int LastPureStep = 4;

    private const string Source = "src/Wspy/";

    private static readonly string[][] Steps =
    [
        ["Buffers", "Compression"],
        ["Frames", "Messages"],
        ["Extensions", "Http"],
        ["Protocol", "Handshake"],
        ["Transports"],
        [Root, "Errors"],
        ["Loop", "Server", "Client"],
        ["Interop", "Diagnostics"],
    ];

    /// <summary>The folder that makes the layer of a file, or <see cref="Root"/>.</summary>
    public static string Of(string path)
    {
        string inside = path[Source.Length..];
        int end = inside.IndexOf('/', StringComparison.Ordinal);
        return end < 0 ? Root : inside[..end];
    }

    /// <summary>The step of a layer, counted from 1, or 0 for a folder that is no layer.</summary>
    public static int StepOf(string layer) => Array.FindIndex(Steps, step => step.Contains(layer)) + 1;
}
