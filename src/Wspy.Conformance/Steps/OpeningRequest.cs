namespace Wspy.Conformance.Steps;

/// <summary>A request for a WebSocket, in order to begin with, to be changed line by line.</summary>
internal sealed record OpeningRequest
{
    /// <summary>The key of the example in RFC 6455 §1.3.</summary>
    public const string SampleKey = "dGhlIHNhbXBsZSBub25jZQ==";

    private IReadOnlyList<string> _lines = [
        "Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        $"Sec-WebSocket-Key: {SampleKey}",
        "Sec-WebSocket-Version: 13",
    ];

    /// <summary>The first line; <c>{target}</c>, and <c>{host}</c> everywhere, are those of the server under test.</summary>
    public string First { get; init; } = "GET {target} HTTP/1.1";

    public string LineEnd { get; init; } = "\r\n";

    /// <summary>Written before all else.</summary>
    public string Before { get; init; } = "";

    /// <summary>Written after the empty line, or in its place.</summary>
    public string After { get; init; } = "\r\n";

    public OpeningRequest Without(string name) => this with { _lines = [.. _lines.Where(line => !Is(line, name))] };

    /// <summary>The same with one header of the name, in the place of what was there.</summary>
    public OpeningRequest With(string name, string value) => this with
    {
        _lines = [.. _lines.Any(line => Is(line, name)) ? _lines.Select(line => Is(line, name) ? $"{name}: {value}" : line) : _lines.Append($"{name}: {value}")],
    };

    /// <summary>The same with one line more, whatever it is.</summary>
    public OpeningRequest Line(string line) => this with { _lines = [.. _lines, line] };

    public OpeningRequest Lines(Func<string, string> change) => this with { _lines = [.. _lines.Select(change)] };

    public OpeningRequest Reversed() => this with { _lines = [.. _lines.Reverse()] };

    public string ToString(string host, string target) =>
        (Before + string.Concat(_lines.Prepend(First).Select(line => line + LineEnd)) + After)
            .Replace("{host}", host, StringComparison.Ordinal).Replace("{target}", target, StringComparison.Ordinal);

    private static bool Is(string line, string name) => line.StartsWith($"{name}:", StringComparison.OrdinalIgnoreCase);
}
