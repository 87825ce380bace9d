namespace Wspy.Interop.Tests.Harness;

/// <summary>The tables of docs/compression.md that tell what was negotiated, read where the document has them.</summary>
internal static class DeflateDocument
{
    /// <summary>What a cell says of a combination that one of the two cannot ask for.</summary>
    public const string Impossible = "–";

    /// <summary>What a cell says when the other end breaks the opening handshake off, as a window of 8 bits makes some do.</summary>
    public const string Fails = "fails";

    /// <summary>The lines of the table below a heading: the names of the rows, and what each peer's column says.</summary>
    public static Dictionary<string, Dictionary<string, string>> Read(string heading)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Tree.Root, "docs/compression.md"));
        string[][] table = [.. lines
            .SkipWhile(line => line != heading).SkipWhile(line => !line.StartsWith('|')).TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries)[1..^1])];
        Assert.True(table.Length > 2, $"docs/compression.md has no table below '{heading}'.");
        return table.Skip(2).ToDictionary(row => row[0], row => table[0].Skip(1).Zip(row.Skip(1)).ToDictionary(cell => cell.First, cell => cell.Second));
    }

    /// <summary>A header as a cell has it.</summary>
    public static string Cell(string header) => header switch
    {
        "" => "declined",
        "permessage-deflate" => "no parameters",
        _ => $"`{header.Replace("permessage-deflate;", "", StringComparison.Ordinal).Trim()}`",
    };
}
