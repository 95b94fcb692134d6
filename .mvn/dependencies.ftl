<#-- A line for each dependency: group, artifact, licences as its POM names them. No version: the POMs have those. -->
<#-- What comes with the AWS SDK, which may be excluded, is a list of its own. -->
<#-- Not that of the machine: names are sorted by it. -->
<#setting locale="en_US"/>
<#assign lines = []/>
<#assign sdk = []/>
<#list dependencyMap as e>
<#assign group = e.getKey().groupId/>
<#assign line = group + ":" + e.getKey().artifactId + "  " + e.getValue()?join("; ")/>
<#if group?starts_with("software.amazon.") || group == "org.reactivestreams" || group == "org.slf4j">
<#assign sdk = sdk + [line]/>
<#else>
<#assign lines = lines + [line]/>
</#if>
</#list>
<#list lines?sort as line>
${line}
</#list>
<#if sdk?has_content>

With the AWS SDK, which may be excluded:
<#list sdk?sort as line>
${line}
</#list>
</#if>
