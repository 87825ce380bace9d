using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Wspy.Tests.Architecture;

/// <summary>The habits of the sources that a machine can judge; each rule answers with its offences as "file(line): what".</summary>
internal static partial class SourceRules
{
    /// <summary>Past this a file is telling that it holds two things.</summary>
    public const int MaxLines = 400;

    public static List<string> LongFiles(IEnumerable<(string Path, string Text)> files) =>
        [.. from file in files
            let lines = file.Text.AsSpan().TrimEnd().Count('\n') + 1
            where lines > MaxLines
            select $"{file.Path}({MaxLines + 1}): {lines} lines, and {MaxLines} are the most"];

    public static List<string> Regions(SourceTree sources) =>
        [.. from tree in sources.Trees
            from region in tree.GetRoot().DescendantNodes(descendIntoTrivia: true).OfType<RegionDirectiveTriviaSyntax>()
            select $"{SourceTree.At(region)}: #region; split the type instead"];

    /// <summary>An empty catch names what it swallows and has the reason beside it.</summary>
    public static List<string> SilentCatches(SourceTree sources) =>
        [.. from found in sources.Nodes<CatchClauseSyntax>()
            let clause = found.Node
            where clause.Block.Statements.Count == 0
            where clause.Declaration is null || !clause.DescendantTrivia().Any(IsComment)
            select $"{SourceTree.At(clause)}: an exception is swallowed without its type and the reason"];

    public static List<string> BareExceptions(SourceTree sources) =>
        [.. from found in sources.Nodes<BaseObjectCreationExpressionSyntax>()
            let type = sources.Compilation.GetSemanticModel(found.Node.SyntaxTree).GetTypeInfo(found.Node).Type?.ToString()
            where type is "System.Exception" or "System.ApplicationException" or "System.SystemException"
            select $"{SourceTree.At(found.Node)}: a new {type} tells the caller nothing"];

    /// <summary>Every [LoggerMessage] has an event id of its own, so that a log can be filtered by it.</summary>
    public static List<string> EventIds(SourceTree sources)
    {
        List<string> offences = [];
        Dictionary<int, string> first = [];
        foreach ((string _, AttributeSyntax attribute) in sources.Nodes<AttributeSyntax>().Where(found => found.Node.Name.ToString().EndsWith("LoggerMessage", StringComparison.Ordinal)))
        {
            string place = SourceTree.At(attribute);
            if (EventId(sources.Compilation.GetSemanticModel(attribute.SyntaxTree), attribute) is not { } id)
            {
                offences.Add($"{place}: the log message has no event id");
            }
            else if (!first.TryAdd(id, place))
            {
                offences.Add($"{place}: event id {id} is taken by {first[id]}");
            }
        }

        return offences;
    }

    /// <summary>
    /// The remarks of a public type tell which threads may use it. Not needed where the kind of the type tells it: enums,
    /// exceptions and static classes; ref structs, which never leave their thread's stack; records that nothing can change. A
    /// nested type is told of by the type around it.
    /// </summary>
    public static List<string> UntoldThreading(SourceTree sources)
    {
        IEnumerable<string> offences =
            from found in sources.Nodes<BaseTypeDeclarationSyntax>()
            where found.Node is not EnumDeclarationSyntax && found.Node.Parent is not TypeDeclarationSyntax
            let type = sources.Compilation.GetSemanticModel(found.Node.SyntaxTree).GetDeclaredSymbol(found.Node)
            where type is { DeclaredAccessibility: Accessibility.Public, IsStatic: false, IsRefLikeType: false } && !IsException(type) && !IsImmutableRecord(type)
            where !type.DeclaringSyntaxReferences.Any(part => TellsThreading(part.GetSyntax()))
            select $"{found.Path}: the <remarks> of {type.Name} do not tell its threading contract";
        return [.. offences.Distinct()];
    }

    private static int? EventId(SemanticModel model, AttributeSyntax attribute)
    {
        SeparatedSyntaxList<AttributeArgumentSyntax> arguments = attribute.ArgumentList?.Arguments ?? [];
        AttributeArgumentSyntax? id =
            arguments.FirstOrDefault(argument => argument.NameEquals?.Name.ToString() == "EventId" || argument.NameColon?.Name.ToString() == "eventId")
            ?? arguments.FirstOrDefault(argument => argument.NameEquals is null && argument.NameColon is null);
        // The attribute has a constructor without an id, whose first argument is the level: a constant too, but no int.
        return id is not null && model.GetTypeInfo(id.Expression).Type?.SpecialType == SpecialType.System_Int32 ? (int?)model.GetConstantValue(id.Expression).Value : null;
    }

    private static bool IsComment(SyntaxTrivia trivia) => trivia.IsKind(SyntaxKind.SingleLineCommentTrivia) || trivia.IsKind(SyntaxKind.MultiLineCommentTrivia);

    // The field behind an init-only property is read-only.
    private static bool IsImmutableRecord(INamedTypeSymbol type) =>
        type.IsRecord && type.GetMembers().OfType<IFieldSymbol>().All(field => field.IsReadOnly || field.IsStatic || field.IsConst);

    private static bool IsException(ITypeSymbol type)
    {
        ITypeSymbol? current = type;
        while (current is not null && current.ToString() != "System.Exception")
        {
            current = current.BaseType;
        }

        return current is not null;
    }

    private static bool TellsThreading(SyntaxNode declaration) =>
        declaration.GetLeadingTrivia()
            .Select(trivia => trivia.GetStructure())
            .OfType<DocumentationCommentTriviaSyntax>()
            .SelectMany(comment => comment.Content.OfType<XmlElementSyntax>())
            .Any(element => element.StartTag.Name.ToString() == "remarks" && Threading.IsMatch(element.Content.ToFullString()));

    [GeneratedRegex("thread|concurren", RegexOptions.IgnoreCase)]
    private static partial Regex Threading { get; }
}
