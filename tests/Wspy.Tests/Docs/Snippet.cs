namespace Wspy.Tests.Docs;

/// <summary>A fenced block of C# in a document.</summary>
/// <param name="Document">The document's path, relative to the repository's root.</param>
/// <param name="Line">The line of the first line of code, counted from 1.</param>
/// <param name="Words">The words behind <c>csharp</c>: what the block is, and how it is to be run.</param>
internal sealed record Snippet(string Document, int Line, string[] Words, string Code)
{
    private static readonly string[] Known = ["fragment", "run", "server", "echo", "client"];

    /// <summary>Statements and types in the middle of something, not a program.</summary>
    public bool IsFragment => Words.Contains("fragment");

    /// <summary>A program that is run and ends by itself.</summary>
    public bool IsRun => Words.Contains("run");

    /// <summary>A program that is run and serves until Ctrl-C.</summary>
    public bool IsServer => Words.Contains("server");

    /// <summary>A server that sends back what it receives.</summary>
    public bool IsEcho => Words.Contains("echo");

    /// <summary>A program that is run against the server before it in the document, and ends by itself.</summary>
    public bool IsClient => Words.Contains("client");

    public string Place => $"{Document}({Line})";

    /// <summary>What is wrong with the words, or null.</summary>
    public string? Mistake =>
        Words.Except(Known).FirstOrDefault() is { } unknown ? $"{Place}: a block cannot be '{unknown}'; the words are {string.Join(", ", Known)}"
        : Words.Length > (IsEcho ? 2 : 1) || (IsEcho && !IsServer) ? $"{Place}: '{string.Join(' ', Words)}' do not go together"
        : null;
}
