using System.Collections.Immutable;
using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace Wspy.Tests.Architecture;

/// <summary>Sources parsed and bound, so that a rule asks what a name means and not how it is spelt.</summary>
/// <remarks>
/// Names are bound, because <c>Role.Server</c> is no mention of the type <c>Server</c>, and because an inferred type is a
/// mention though nobody wrote it. Comments, documentation (with its crefs) and strings mention nothing.
/// </remarks>
internal sealed class SourceTree
{
    // What the SDK's ImplicitUsings adds to a library.
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    // A generator writes the other half of these: CS8795 partial methods, CS9248 partial properties ([LibraryImport], [LoggerMessage]).
    private static readonly string[] LeftToGenerators = ["CS8795", "CS9248"];

    private static readonly string[] Symbols = ["NET", "NET10_0", "NET10_0_OR_GREATER", "NET9_0_OR_GREATER", "NET8_0_OR_GREATER"];

    private readonly List<SyntaxTree> _trees;

    public SourceTree(IEnumerable<(string Path, string Text)> files, bool debug = true)
    {
        var options = new CSharpParseOptions(LanguageVersion.Latest, DocumentationMode.Parse, preprocessorSymbols: debug ? [.. Symbols, "DEBUG"] : Symbols);
        _trees = [.. files.Select(file => CSharpSyntaxTree.ParseText(SourceText.From(file.Text), options, file.Path))];
        Compilation = CSharpCompilation.Create(
            "Wspy",
            [.. _trees, CSharpSyntaxTree.ParseText(ImplicitUsings, options, "implicit usings")],
            PlatformReferences,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
    }

    /// <summary>The shared framework and the logging abstractions: all that the library may be compiled against.</summary>
    public static ImmutableArray<MetadataReference> PlatformReferences { get; } = FindReferences();

    public CSharpCompilation Compilation { get; }

    public IReadOnlyList<SyntaxTree> Trees => _trees;

    /// <summary>What kept the sources from being bound in full; a rule that cannot see a name cannot judge it.</summary>
    public List<string> Errors() =>
        [.. Compilation.GetDiagnostics()
            .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error && !LeftToGenerators.Contains(diagnostic.Id))
            .Select(diagnostic => $"{At(diagnostic.Location)}: {diagnostic.Id} {diagnostic.GetMessage(null)}")];

    /// <summary>Each node of the kind in every file, with its file's path.</summary>
    public IEnumerable<(string Path, TNode Node)> Nodes<TNode>()
        where TNode : SyntaxNode =>
        from tree in _trees
        from node in tree.GetRoot().DescendantNodes().OfType<TNode>()
        select (tree.FilePath, node);

    /// <summary>"path(line)".</summary>
    public static string At(Location location)
    {
        FileLinePositionSpan span = location.GetMappedLineSpan();
        return $"{span.Path}({span.StartLinePosition.Line + 1})";
    }

    public static string At(SyntaxNode node) => At(node.GetLocation());

    private static ImmutableArray<MetadataReference> FindReferences()
    {
        string platform = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string[] trusted = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        return [.. trusted
            .Where(path => Path.GetDirectoryName(path) == platform)
            .Append(Assembly.Load("Microsoft.Extensions.Logging.Abstractions").Location)
            .Append(Assembly.Load("Microsoft.Extensions.DependencyInjection.Abstractions").Location)
            .Select(path => MetadataReference.CreateFromFile(path))];
    }
}
