using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Wspy.Tests.Architecture;

/// <summary>Finds names of types of a higher layer, and of sockets, threads and clocks in the layers that are pure.</summary>
internal sealed class LayerRule
{
    // Whole families; what derives from a type of these lists is forbidden with it. Spans of time are values and stay allowed.
    private static readonly string[] ImpureNamespaces = ["System.Net.Sockets", "System.Net.Security", "System.Threading.Tasks", "System.Timers", "Microsoft.Extensions.Logging"];

    private static readonly string[] ImpureTypes =
    [
        "System.IO.Stream", "System.Threading.Thread", "System.Threading.ThreadPool", "System.Threading.Timer", "System.Threading.ITimer",
        "System.Threading.PeriodicTimer", "System.TimeProvider", "System.DateTime", "System.DateTimeOffset", "System.Diagnostics.Stopwatch",
    ];

    private static readonly string[] ImpureMembers = ["System.Environment.TickCount", "System.Environment.TickCount64"];

    // The base library offers deflate as a stream and in no other way; the bridge to it makes spans of that, in memory, without I/O.
    private static readonly string[] BridgesToStreams = ["src/Wspy/Compression/DeflateStreamBridge.cs"];

    private readonly SourceTree _sources;
    private readonly SortedSet<(string Path, int Line, string Message)> _found = [];

    private LayerRule(SourceTree sources) => _sources = sources;

    /// <summary>Each offence as "file(line): what, and both layers", in the order of files and lines.</summary>
    public static List<string> Check(SourceTree sources)
    {
        var rule = new LayerRule(sources);
        foreach (SyntaxTree tree in sources.Trees)
        {
            rule.CheckFile(tree);
        }

        rule.CheckParts();
        return [.. rule._found.Select(found => $"{found.Path}({found.Line}): {found.Message}")];
    }

    private void CheckFile(SyntaxTree tree)
    {
        string layer = Layers.Of(tree.FilePath);
        int step = Layers.StepOf(layer);
        if (step == 0)
        {
            _found.Add((tree.FilePath, 1, $"the folder {layer} is no layer"));
            return;
        }

        SemanticModel model = _sources.Compilation.GetSemanticModel(tree);
        foreach (SimpleNameSyntax name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
        {
            foreach (ITypeSymbol type in Mentioned(model, name).SelectMany(Parts).Distinct<ITypeSymbol>(SymbolEqualityComparer.Default))
            {
                CheckType(name, layer, step, type);
            }

            if (step <= Layers.LastPureStep && model.GetSymbolInfo(name).Symbol is { ContainingType: { } owner } member && ImpureMembers.Contains($"{owner}.{member.Name}"))
            {
                Add(name, $"{layer} (step {step}) is pure and names {owner}.{member.Name}");
            }
        }
    }

    private void CheckType(SimpleNameSyntax name, string layer, int step, ITypeSymbol type)
    {
        if (DeclaringPath(type) is { } path)
        {
            string other = Layers.Of(path);
            int otherStep = Layers.StepOf(other);
            if (otherStep > step)
            {
                Add(name, $"{layer} (step {step}) names {type.Name} of {other} (step {otherStep})");
            }
        }
        else if (step <= Layers.LastPureStep && IsImpure(type) && !(BridgesToStreams.Contains(name.SyntaxTree.FilePath) && IsStream(type)))
        {
            Add(name, $"{layer} (step {step}) is pure and names {type.OriginalDefinition}");
        }
    }

    /// <summary>A type whose parts lie in two layers belongs to none.</summary>
    private void CheckParts()
    {
        foreach ((string path, BaseTypeDeclarationSyntax node) in _sources.Nodes<BaseTypeDeclarationSyntax>())
        {
            if (_sources.Compilation.GetSemanticModel(node.SyntaxTree).GetDeclaredSymbol(node) is { } type
                && DeclaringPath(type) is { } first && Layers.Of(first) != Layers.Of(path))
            {
                _found.Add((path, LineOf(node), $"{type.Name} has parts in {Layers.Of(first)} and in {Layers.Of(path)}"));
            }
        }
    }

    /// <summary>The types that a name stands for: itself, the type a member belongs to, and the type it yields.</summary>
    private static IEnumerable<ITypeSymbol?> Mentioned(SemanticModel model, SimpleNameSyntax name)
    {
        SymbolInfo info = model.GetSymbolInfo(name);
        foreach (ISymbol symbol in info.Symbol is { } found ? [found] : info.CandidateSymbols.ToArray())
        {
            yield return symbol as ITypeSymbol;
            yield return symbol.ContainingType;
            yield return symbol switch
            {
                IMethodSymbol method => method.ReturnType,
                IPropertySymbol property => property.Type,
                IFieldSymbol field => field.Type,
                ILocalSymbol local => local.Type,
                IParameterSymbol parameter => parameter.Type,
                _ => null,
            };
        }
    }

    /// <summary>The named types inside a type: the elements of arrays and pointers, type arguments, and outer types.</summary>
    private static IEnumerable<ITypeSymbol> Parts(ITypeSymbol? type) => type switch
    {
        null => [],
        IArrayTypeSymbol array => Parts(array.ElementType),
        IPointerTypeSymbol pointer => Parts(pointer.PointedAtType),
        // The nameless holder of C#'s extension members: what is named is the class around it.
        INamedTypeSymbol { TypeKind: TypeKind.Extension } extension => Parts(extension.ContainingType),
        INamedTypeSymbol named => [named.OriginalDefinition, .. named.TypeArguments.SelectMany(Parts), .. Parts(named.ContainingType)],
        _ => [],
    };

    private static bool IsImpure(ITypeSymbol type) => Lineage(type).Any(current =>
        ImpureTypes.Contains(current.OriginalDefinition.ToString()) || ImpureNamespaces.Contains(current.ContainingNamespace?.ToString()));

    private static bool IsStream(ITypeSymbol type) => Lineage(type).Any(current => current.ToString() == "System.IO.Stream");

    private static IEnumerable<ITypeSymbol> Lineage(ITypeSymbol type)
    {
        for (ITypeSymbol? current = type; current is not null; current = current.BaseType)
        {
            yield return current;
        }
    }

    /// <summary>The file of a type of the library (its first part), or null for a type of the platform.</summary>
    private static string? DeclaringPath(ITypeSymbol type) =>
        type.OriginalDefinition.DeclaringSyntaxReferences.Select(part => part.SyntaxTree.FilePath).Order(StringComparer.Ordinal).FirstOrDefault();

    private static int LineOf(SyntaxNode node) => node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;

    private void Add(SimpleNameSyntax name, string message) => _found.Add((name.SyntaxTree.FilePath, LineOf(name), message));
}
