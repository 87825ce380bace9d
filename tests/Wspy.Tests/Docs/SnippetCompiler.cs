using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using Wspy.Tests.Architecture;

namespace Wspy.Tests.Docs;

/// <summary>Compiles a snippet as a user would: a console program with implicit usings and the library's package, nothing else.</summary>
internal static class SnippetCompiler
{
    // What the SDK's ImplicitUsings adds to a console program.
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;

        """;

    // In a fragment, what is declared may be used only in the text around it, and what it waits for may be left out.
    private static readonly string[] SilentInFragments = ["CS0168", "CS0169", "CS0219", "CS0414", "CS0649", "CS1998", "CS8321"];

    // CS1701: assemblies of the platform in two versions, which the SDK silences as well.
    private static readonly string[] Silent = ["CS1701", "CS1702"];

    private static readonly CSharpParseOptions Options = new(LanguageVersion.CSharp14);

    private static readonly ImmutableArray<MetadataReference> References =
        [.. SourceTree.PlatformReferences, MetadataReference.CreateFromFile(typeof(FrameHeader).Assembly.Location)];

    /// <summary>Errors and warnings (a user's first program shows none) as "document(line,column): id and message".</summary>
    public static List<string> Check(Snippet snippet) =>
        snippet.Mistake is { } mistake
            ? [mistake]
            : [.. from diagnostic in Compile(snippet).GetDiagnostics()
                where diagnostic.Severity >= DiagnosticSeverity.Warning && !Silent.Contains(diagnostic.Id)
                where !snippet.IsFragment || !SilentInFragments.Contains(diagnostic.Id)
                select $"{Place(snippet, diagnostic.Location)}: {diagnostic.Id} {diagnostic.GetMessage(null)}"];

    /// <summary>The program's assembly.</summary>
    /// <exception cref="FormatException">It does not compile.</exception>
    public static byte[] Emit(Snippet snippet)
    {
        if (Check(snippet) is [_, ..] errors)
        {
            throw new FormatException(string.Join(Environment.NewLine, errors));
        }

        using var assembly = new MemoryStream();
        return Compile(snippet).Emit(assembly).Success ? assembly.ToArray() : throw new FormatException($"{snippet.Place}: compiles, yet gives no assembly");
    }

    // What concerns the whole program (that it has no entry point) has no place of its own.
    private static string Place(Snippet snippet, Location location) =>
        location.IsInSource && location.GetMappedLineSpan() is var span
            ? $"{span.Path}({span.StartLinePosition.Line + 1},{span.StartLinePosition.Character + 1})"
            : snippet.Place;

    private static CSharpCompilation Compile(Snippet snippet)
    {
        string source = snippet.IsFragment ? Wrap(snippet) : Numbered(snippet.Line, snippet.Document) + snippet.Code;
        string usings = snippet.IsFragment ? ImplicitUsings + FragmentContext.Usings : ImplicitUsings;
        return CSharpCompilation.Create(
            "Snippet",
            [Parse(source, snippet.Document), Parse(usings, "implicit usings")],
            References,
            new CSharpCompilationOptions(
                snippet.IsFragment ? OutputKind.DynamicallyLinkedLibrary : OutputKind.ConsoleApplication,
                nullableContextOptions: NullableContextOptions.Enable));
    }

    /// <summary>Puts the statements of a fragment into an async method and its usings and types beside it, each with the number of its line.</summary>
    private static string Wrap(Snippet snippet)
    {
        CompilationUnitSyntax unit = Parse(snippet.Code, snippet.Document).GetCompilationUnitRoot();
        var source = new StringBuilder();
        Append(unit.Usings);
        source.AppendLine("#line hidden").AppendLine(FragmentContext.Variables).AppendLine("class Fragment : FragmentContext { async Task RunAsync() {");
        Append(unit.Members.OfType<GlobalStatementSyntax>());
        source.AppendLine("#line hidden").AppendLine("await Task.Yield(); } }");
        Append(unit.Members.Where(member => member is not GlobalStatementSyntax));
        return source.ToString();

        void Append(IEnumerable<SyntaxNode> nodes)
        {
            foreach (SyntaxNode node in nodes)
            {
                int line = unit.SyntaxTree.GetLineSpan(node.FullSpan).StartLinePosition.Line;
                source.Append(Numbered(snippet.Line + line, snippet.Document)).Append(node.ToFullString()).AppendLine();
            }
        }
    }

    private static string Numbered(int line, string document) => $"#line {line} \"{document}\"\n";

    private static SyntaxTree Parse(string source, string path) => CSharpSyntaxTree.ParseText(SourceText.From(source, Encoding.UTF8), Options, path);
}
