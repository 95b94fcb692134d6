<#-- A line for each dependency: group, artifact, licences as its POM names them. No version: the POMs have those. -->
<#-- Not that of the machine: names are sorted by it. -->
<#setting locale="en_US"/>
<#assign lines = []/>
<#list dependencyMap as e>
<#assign lines = lines + [e.getKey().groupId + ":" + e.getKey().artifactId + "  " + e.getValue()?join("; ")]/>
</#list>
<#list lines?sort as line>
${line}
</#list>
